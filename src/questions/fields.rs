//! How a row of our table reads and writes the draft.

use std::collections::BTreeMap;

use crate::answers::compact;
use crate::answers::raw::{Origin, Raw};
use crate::spec::scalar::{Refusal, Scalar};

pub(super) fn take<T: Scalar>(field: &mut Option<Raw<T>>, text: &str, origin: &Origin) -> Result<(), Refusal> {
    text.parse::<T>()?;
    *field = Some(Raw::new(text, origin.clone()));
    Ok(())
}

pub(super) fn show<T>(field: Option<&Raw<T>>) -> Option<(String, Origin)> {
    field.map(|raw| (raw.text.clone(), raw.origin.clone()))
}

pub(super) fn take_map<T: Scalar>(
    field: &mut BTreeMap<String, Raw<T>>,
    text: &str,
    origin: &Origin,
) -> Result<(), Refusal> {
    let mut map = BTreeMap::new();
    for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty() && *entry != "none") {
        let Some((name, value)) = entry.split_once('=') else {
            return Err(Refusal::new("an entry is written NAME=VALUE", "several are joined by commas"));
        };
        value.parse::<T>()?;
        map.insert(name.to_owned(), Raw::new(value, origin.clone()));
    }
    *field = map;
    Ok(())
}

pub(super) fn show_map<T>(field: &BTreeMap<String, Raw<T>>) -> Option<(String, Origin)> {
    let (_, first) = field.first_key_value()?;
    let entries: Vec<String> = field.iter().map(|(name, raw)| format!("{name}={}", raw.text)).collect();
    Some((entries.join(","), first.origin.clone()))
}

pub(super) fn show_list<T: compact::Compact>(
    field: Option<&Vec<T>>,
    origin: impl Fn(&T) -> Origin,
) -> Option<(String, Origin)> {
    let entries = field?;
    Some((compact::line(entries), entries.first().map_or(Origin::Reply, origin)))
}
