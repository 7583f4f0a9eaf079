//! `preset list` and `preset show`; its other commands have files of their own.

use clap::ArgMatches;
use cofferdam::answers::file;
use cofferdam::answers::raw::Raw;
use cofferdam::cases;
use cofferdam::origins::origins;
use cofferdam::pack::BUILT_IN;
use cofferdam::preset::Preset;
use cofferdam::yaml::emit::emit;
use serde_json::json;

use super::{preset_fetch, preset_new, preset_test};
use crate::{Failure, Outcome};

pub(super) fn run(matches: &ArgMatches) -> Result<Outcome, Failure> {
    match matches.subcommand() {
        Some(("test", matches)) => return preset_test::run(matches),
        Some(("new", matches)) => return preset_new::run(matches),
        Some(("fetch", matches)) => return preset_fetch::run(matches),
        _ => {}
    }
    let pack = super::pack()?;
    let presets = &pack.presets;
    match matches.subcommand() {
        Some(("show", matches)) => {
            let id = matches.get_one::<String>("id").cloned().unwrap_or_default();
            let preset = presets.find(&Raw::new(id, cofferdam::answers::raw::Origin::Default), "preset")?;
            let json = matches.get_flag("json");
            Ok(Outcome::fine(if matches.get_flag("sees") {
                format!("{:#}\n", cases::seen(preset, &pack)?)
            } else if matches.get_flag("origin") {
                let origins = origins(preset, &pack);
                if json { format!("{:#}\n", json!(origins)) } else { origins.text() }
            } else if json {
                format!("{:#}\n", value(preset))
            } else {
                emit(&value(preset))
            }))
        }
        Some((_, matches)) if matches.get_flag("json") => {
            let all: Vec<_> = presets
                .iter()
                .map(|preset| {
                    json!({ "id": preset.id, "pack": preset.pack, "title": preset.title, "summary": preset.summary })
                })
                .collect();
            Ok(Outcome::fine(format!("{:#}\n", json!(all))))
        }
        _ => {
            let lines = presets.iter().map(|preset| {
                let by = if preset.pack == BUILT_IN { String::new() } else { format!(" ({})", preset.pack) };
                format!("{:<12} {:<16} {}{by}\n", preset.id, preset.title, preset.summary)
            });
            Ok(Outcome::fine(lines.collect::<String>()))
        }
    }
}

fn value(preset: &Preset) -> serde_json::Value {
    json!({
        "preset": preset.id,
        "title": preset.title,
        "summary": preset.summary,
        "refines": preset.chain[1..],
        "dockerfile": preset.dockerfile.as_deref().unwrap_or("none"),
        "defaults": file::value(&preset.defaults),
    })
}
