//! Rust: `Cargo.toml`, of one package or of a workspace.

use toml::{Table, Value};

use super::{Reading, Tree, first_version, given, name_from};

pub(super) fn read(tree: &Tree) -> Option<Reading> {
    let root: Table = tree.text("Cargo.toml")?.parse().ok()?;
    let (path, manifest) = member_with_binary(tree, &root)?;
    let package = manifest.get("package")?.as_table()?;
    let package_name = package.get("name")?.as_str()?;
    let mut reading = Reading { manifest: path.clone(), name: name_from(package_name, &path), ..Reading::default() };
    let inherited = root.get("workspace").and_then(|workspace| workspace.get("package"));
    reading.version = match package.get("version") {
        Some(Value::String(version)) => Some(version.clone()),
        _ => inherited.and_then(|package| package.get("version")?.as_str().map(str::to_owned)),
    };
    let folder = path.trim_end_matches("Cargo.toml");
    let build = &mut reading.service.build;
    if let Some(entry) = binary(tree, &manifest, package_name, folder) {
        build.entry = given(entry, &path);
    }
    let members = root.get("workspace").and_then(|workspace| workspace.get("members")?.as_array());
    if members.is_some_and(|members| !members.is_empty()) {
        build.package = given(package_name, &path);
    }
    if tree.has("Cargo.lock") {
        build.package_manager = given("cargo", "Cargo.lock");
    } else {
        build.package_manager = given("cargo", &path);
        build.locked = given("false", "Cargo.toml");
        reading.notes.push(
            "there is no Cargo.lock: builds are not repeatable; commit the one that `cargo build` writes".to_owned(),
        );
    }
    if let Some((version, file)) = toolchain(tree, package, inherited) {
        // Cargo.toml names the oldest that works, rust-toolchain the one that is used.
        if file.starts_with("rust-toolchain") {
            build.tool = given(version, &file);
        } else {
            reading.oldest_tool = given(version, &file);
        }
    }
    for section in ["dependencies", "build-dependencies"] {
        let names = manifest.get(section).and_then(Value::as_table).into_iter().flat_map(Table::keys).cloned();
        if section == "dependencies" {
            reading.dependencies.extend(names);
        } else {
            reading.build_dependencies.extend(names);
        }
    }
    if let Some(port) = rocket_port(tree) {
        reading.service.port = given(port, "Rocket.toml");
    }
    if reading.dependencies.contains("rocket") {
        let env = [("ROCKET_ADDRESS", "0.0.0.0"), ("ROCKET_CLI_COLORS", "false")];
        let origin = crate::answers::raw::Origin::Detected(path.clone());
        reading.service.env =
            env.map(|(name, value)| (name.to_owned(), crate::answers::raw::Raw::new(value, origin.clone()))).into();
    }
    reading.service.build.include = super::site::folders_in_use(tree, &[".rs"], folder);
    Some(reading)
}

/// The package to build: the root if it has a program, else the member that has; a server before others.
fn member_with_binary(tree: &Tree, root: &Table) -> Option<(String, Table)> {
    let has_binary = |folder: &str, manifest: &Table| {
        manifest.contains_key("bin")
            || tree.has(&format!("{folder}src/main.rs"))
            || tree.0.keys().any(|path| path.starts_with(&format!("{folder}src/bin/")))
    };
    if root.contains_key("package") && has_binary("", root) {
        return Some(("Cargo.toml".to_owned(), root.clone()));
    }
    let members = root.get("workspace")?.get("members")?.as_array()?;
    let mut found: Vec<(String, Table)> = Vec::new();
    for member in members.iter().filter_map(Value::as_str) {
        let prefix = member.trim_end_matches("/*").trim_end_matches('/');
        for path in tree.0.keys().filter(|path| path.ends_with("/Cargo.toml")) {
            let folder = path.trim_end_matches("Cargo.toml");
            let matches = folder == format!("{prefix}/")
                || member.ends_with("/*")
                    && folder.strip_prefix(&format!("{prefix}/")).is_some_and(|rest| rest.matches('/').count() == 1);
            let manifest = tree.text(path).and_then(|text| text.parse::<Table>().ok());
            if let Some(manifest) = manifest.filter(|manifest| matches && has_binary(folder, manifest)) {
                found.push((path.clone(), manifest));
            }
        }
    }
    let serves = |(_, manifest): &(String, Table)| {
        let dependencies = manifest.get("dependencies").and_then(Value::as_table);
        let servers = ["axum", "actix-web", "rocket", "warp", "poem", "salvo", "tonic", "hyper"];
        !servers.iter().any(|server| dependencies.is_some_and(|dependencies| dependencies.contains_key(*server)))
    };
    found.sort_by_key(serves);
    found.into_iter().next()
}

fn binary(tree: &Tree, manifest: &Table, package: &str, folder: &str) -> Option<String> {
    if let Some(default) = manifest.get("package")?.get("default-run").and_then(Value::as_str) {
        return Some(default.to_owned());
    }
    let named: Vec<String> = manifest
        .get("bin")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|bin| bin.get("name")?.as_str().map(str::to_owned))
        .collect();
    if let Some(name) = named.iter().find(|name| *name == package).or(named.first()) {
        return Some(name.clone());
    }
    if tree.has(&format!("{folder}src/main.rs")) {
        return Some(package.to_owned());
    }
    let bins = format!("{folder}src/bin/");
    tree.0.keys().find_map(|path| {
        let rest = path.strip_prefix(&bins)?;
        let name = rest.strip_suffix("/main.rs").or_else(|| rest.strip_suffix(".rs"))?;
        (!name.contains('/')).then(|| name.to_owned())
    })
}

fn toolchain(tree: &Tree, package: &Table, inherited: Option<&Value>) -> Option<(String, String)> {
    for file in ["rust-toolchain.toml", "rust-toolchain"] {
        let channel = tree.text(file).and_then(|text| match text.parse::<Table>() {
            Ok(table) => table.get("toolchain")?.get("channel")?.as_str().map(str::to_owned),
            Err(_) => Some(text.trim().to_owned()),
        });
        if let Some(version) =
            channel.filter(|channel| channel.starts_with("1.")).and_then(|channel| first_version(&channel, 2))
        {
            return Some((version, file.to_owned()));
        }
    }
    let version =
        package.get("rust-version").and_then(Value::as_str).or_else(|| inherited?.get("rust-version")?.as_str())?;
    Some((first_version(version, 2)?, "Cargo.toml".to_owned()))
}

fn rocket_port(tree: &Tree) -> Option<String> {
    let config: Table = tree.text("Rocket.toml")?.parse().ok()?;
    ["release", "default", "global"]
        .iter()
        .find_map(|profile| config.get(*profile)?.get("port")?.as_integer())
        .map(|port| port.to_string())
}
