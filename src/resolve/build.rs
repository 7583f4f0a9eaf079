//! What the Dockerfile is made from.

use std::collections::BTreeMap;

use super::{Collector, defaults};
use crate::answers::BuildAnswers;
use crate::build::{PackageManager, recipe};
use crate::preset::Preset;
use crate::problem::Problem;
use crate::spec::name::Name;
use crate::spec::scalar::Scalar as _;
use crate::spec::service::{Build, ServiceSpec};
use crate::spec::word::{Switch, Word};

pub(crate) fn resolve(
    collector: &mut Collector,
    key: &str,
    given: &BuildAnswers,
    preset: &Preset,
    name: &Name,
) -> Option<Build> {
    let template = preset.dockerfile.clone()?;
    let package_manager =
        collector.or(&format!("{key}.package-manager"), given.package_manager.as_ref(), PackageManager::None);
    let entry_key = format!("{key}.entry");
    let entry = match &given.entry {
        // Cargo names the binary after the package.
        None if preset.toolchain.as_deref() == Some("rust") => defaults::parsed(name.as_str()),
        entry => collector.required_like(
            &entry_key,
            "entry",
            entry.as_ref(),
            preset.example_entry().unwrap_or(Word::EXAMPLE),
        ),
    };
    let tool = collector.required(&format!("{key}.tool"), "tool", given.tool.as_ref());
    Some(Build {
        dockerfile: collector.or(
            &format!("{key}.dockerfile"),
            given.dockerfile.as_ref(),
            defaults::parsed("Dockerfile")?,
        ),
        tool: tool?,
        package_manager,
        package_manager_version: collector.or(
            &format!("{key}.package-manager-version"),
            given.package_manager_version.as_ref(),
            defaults::parsed(recipe(package_manager).version)?,
        ),
        locked: collector.or(&format!("{key}.locked"), given.locked.as_ref(), Switch::True).is_on(),
        entry: entry?,
        package: collector.given(&format!("{key}.package"), given.package.as_ref()),
        script: collector
            .given(&format!("{key}.script"), given.script.as_ref())
            .filter(|script| script.as_str() != "none"),
        output: collector.given(&format!("{key}.output"), given.output.as_ref()),
        include: given
            .include
            .as_deref()
            .unwrap_or_default()
            .iter()
            .filter_map(|raw| collector.given(&format!("{key}.include"), Some(raw)))
            .collect(),
        install: given
            .install
            .as_deref()
            .unwrap_or_default()
            .iter()
            .filter_map(|raw| collector.given(&format!("{key}.install"), Some(raw)))
            .collect(),
        source_first: collector.or(&format!("{key}.source-first"), given.source_first.as_ref(), Switch::False).is_on(),
        native: collector.or(&format!("{key}.native"), given.native.as_ref(), Switch::False).is_on(),
        template,
        toolchain: preset.toolchain.clone(),
    })
}

/// Two services in one folder need two Dockerfiles, or one that is right for both.
pub(crate) fn check_shared_dockerfiles(collector: &mut Collector, services: &[ServiceSpec]) {
    let mut owners: BTreeMap<String, &ServiceSpec> = BTreeMap::new();
    for service in services {
        let Some(build) = &service.build else { continue };
        let path = service.path.join(build.dockerfile.as_str());
        let Some(owner) = owners.insert(path.clone(), service) else {
            continue;
        };
        collector.add(Problem::new(
            format!("`{}` and `{}` both write {path}", owner.name, service.name),
            "one Dockerfile builds one image",
            format!(
                "set `services.{}.build.dockerfile: Dockerfile.{}`, or `preset: image` where both run the same image",
                service.name, service.name
            ),
        ));
    }
}
