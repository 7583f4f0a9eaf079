//! Python: `pyproject.toml`, `requirements.txt`, `Pipfile`, `setup.cfg`, and the module that holds the app.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::facts::first_group;
use super::{Reading, Tree, first_version, given, name_from};

pub(super) fn read(tree: &Tree) -> Option<Reading> {
    let pyproject: Option<Table> = tree.text("pyproject.toml").and_then(|text| text.parse().ok());
    let project = pyproject.as_ref().and_then(|table| table.get("project")?.as_table());
    let poetry = pyproject.as_ref().and_then(|table| table.get("tool")?.get("poetry")?.as_table());
    let requirements = tree.text("requirements.txt");
    let setup = ["setup.cfg", "setup.py"].into_iter().find(|file| tree.has(file));
    let manifest = match (project.or(poetry), requirements, setup) {
        (Some(_), ..) => "pyproject.toml",
        (None, Some(_), _) => "requirements.txt",
        (None, None, Some(setup)) => setup,
        // A pyproject.toml that only configures tools is no app.
        (None, None, None) => return None,
    };
    let field =
        |key: &str| project.and_then(|table| table.get(key)).or_else(|| poetry.and_then(|table| table.get(key)));
    let text = |key: &str| field(key).and_then(Value::as_str).map(str::to_owned);
    let mut reading = Reading { manifest: manifest.to_owned(), version: text("version"), ..Reading::default() };
    reading.name = text("name").or_else(|| setup_field(tree, "name")).and_then(|name| name_from(&name, manifest));
    let literal =
        || tree.sources(&[".py"]).find_map(|(_, text)| first_group(r#"(?m)^__version__\s*=\s*["']([^"']+)["']"#, text));
    reading.version = reading.version.or_else(|| setup_field(tree, "version")).or_else(literal);
    reading.dependencies = dependencies(project, poetry, requirements, tree);
    let build = &mut reading.service.build;
    let by_lock = [("uv.lock", "uv"), ("poetry.lock", "poetry")];
    match by_lock.into_iter().find(|(file, _)| tree.has(file)) {
        Some((file, manager)) => {
            build.package_manager = given(manager, file);
        }
        None if requirements.is_some() => {
            build.package_manager = given("pip", "requirements.txt");
            let pinned = requirements.is_some_and(|text| {
                text.lines()
                    .map(str::trim)
                    .filter(|line| !line.is_empty() && !line.starts_with(['#', '-']))
                    .all(|line| line.contains("==") || line.contains(" @ "))
            });
            let refers = |text: &str| {
                text.lines().any(|line| {
                    ["-r", "-c", "-e", "--requirement", "--constraint", "--editable", "."]
                        .iter()
                        .any(|mark| line.trim_start().starts_with(mark))
                })
            };
            if requirements.is_some_and(refers) {
                build.source_first = given("true", "requirements.txt");
            }
            if !pinned {
                reading.notes.push("requirements.txt does not pin every version: builds are not repeatable".to_owned());
            }
        }
        None => {
            build.package_manager = given("pip", manifest);
            build.locked = given("false", manifest);
            reading
                .notes
                .push("there is no lock file: each build may install other versions; `uv lock` writes one".to_owned());
        }
    }
    if let Some((version, file)) = version(tree, &text("requires-python").or_else(|| poetry_python(poetry))) {
        build.tool = given(version, &file);
    }
    app(tree, &mut reading, project, poetry);
    Some(reading)
}

/// `name`, `version` of setup.cfg or of a literal in setup.py.
fn setup_field(tree: &Tree, key: &str) -> Option<String> {
    let cfg = tree.text("setup.cfg").and_then(|text| first_group(&format!(r"(?m)^{key}\s*=\s*([^\s:]+)\s*$"), text));
    cfg.or_else(|| first_group(&format!(r#"\b{key}\s*=\s*["']([^"']+)["']"#), tree.text("setup.py")?))
}

/// Names in lower case, without versions and extras.
fn dependencies(
    project: Option<&Table>,
    poetry: Option<&Table>,
    requirements: Option<&str>,
    tree: &Tree,
) -> BTreeSet<String> {
    let bare = |text: &str| {
        let name: String =
            text.trim().chars().take_while(|char| char.is_ascii_alphanumeric() || "-_.".contains(*char)).collect();
        name.to_ascii_lowercase().replace('_', "-")
    };
    let mut names = BTreeSet::new();
    for entry in project.and_then(|table| table.get("dependencies")?.as_array()).into_iter().flatten() {
        let text = entry.as_str().unwrap_or_default();
        names.insert(bare(text));
        // `fastapi[standard]` brings its server along.
        if text.contains("fastapi[") || text.contains("uvicorn[") {
            names.insert("uvicorn".to_owned());
        }
    }
    let poetry_names = poetry.and_then(|table| table.get("dependencies")?.as_table());
    names.extend(poetry_names.into_iter().flat_map(Table::keys).map(|name| bare(name)));
    for line in requirements.unwrap_or_default().lines().filter(|line| !line.trim_start().starts_with(['#', '-'])) {
        names.insert(bare(line));
        if line.contains("fastapi[") {
            names.insert("uvicorn".to_owned());
        }
    }
    if project.is_none() && poetry.is_none() && requirements.is_none() {
        let text = [tree.text("setup.cfg"), tree.text("setup.py")]
            .into_iter()
            .flatten()
            .collect::<String>()
            .to_ascii_lowercase();
        for name in ["fastapi", "django", "flask", "uvicorn", "gunicorn"] {
            if text.contains(name) {
                names.insert(name.to_owned());
            }
        }
    }
    names.remove("");
    names
}

fn poetry_python(poetry: Option<&Table>) -> Option<String> {
    poetry?.get("dependencies")?.get("python")?.as_str().map(str::to_owned)
}

/// An exact version, where one is asked for. `>=3.9` is content with the default.
fn version(tree: &Tree, requires: &Option<String>) -> Option<(String, String)> {
    let exact = tree
        .text(".python-version")
        .and_then(|text| first_version(text.trim(), 2))
        .map(|version| (version, ".python-version".to_owned()));
    exact.filter(|(version, _)| version.starts_with("3.")).or_else(|| {
        let requires = requires.as_deref()?;
        // An upper bound below 3.13 rules the default out; the newest version below it is meant.
        let below = first_group(r"<\s*3\.(\d+)", requires).and_then(|minor| minor.parse::<u32>().ok());
        let pinned = first_group(r"^(?:==|~=)\s*3\.(\d+)", requires).and_then(|minor| minor.parse::<u32>().ok());
        let minor = pinned.or(below.filter(|minor| *minor <= 13).and_then(|minor| minor.checked_sub(1)))?;
        Some((format!("3.{minor}"), "pyproject.toml".to_owned()))
    })
}

/// The module that a server loads, or the program that runs.
fn app(tree: &Tree, reading: &mut Reading, project: Option<&Table>, poetry: Option<&Table>) {
    let has = |name: &str| reading.dependencies.contains(name);
    let module_of = |file: &str| {
        file.trim_start_matches("src/").trim_end_matches(".py").trim_end_matches("/__init__").replace('/', ".")
    };
    let object = |pattern: &str| {
        // What stands nearest to the root is the app; deeper ones are parts of it.
        let mut found: Vec<(usize, String, String)> = tree
            .sources(&[".py"])
            .filter_map(|(file, text)| Some((file.matches('/').count(), file.to_owned(), first_group(pattern, text)?)))
            .collect();
        found.sort();
        found.into_iter().next().map(|(_, file, name)| (format!("{}:{name}", module_of(&file)), file))
    };
    // A factory is called by the server: `create_app` of whatever module defines it.
    let factory = || object(r"(?m)^def (create_app)\(");
    let (server, entry) = if has("fastapi") || has("starlette") {
        ("uvicorn", object(r"(?m)^(\w+)\s*(?::\s*\w+\s*)?=\s*(?:FastAPI|Starlette)\("))
    } else if has("django") {
        let setting = tree.sources(&[".py"]).find_map(|(file, text)| {
            let path = first_group(r#"WSGI_APPLICATION\s*=\s*["']([\w.]+)["']"#, text)?;
            let (module, name) = path.rsplit_once('.')?;
            Some((format!("{module}:{name}"), file.to_owned()))
        });
        let by_file = || {
            let file = tree.0.keys().find(|path| path.ends_with("/wsgi.py"))?;
            Some((format!("{}:application", module_of(file)), file.clone()))
        };
        ("gunicorn", setting.or_else(by_file))
    } else if has("flask") {
        ("gunicorn", object(r"(?m)^(\w+)\s*(?::\s*\w+\s*)?=\s*Flask\("))
    } else {
        ("", None)
    };
    if !server.is_empty() {
        let made = if entry.is_none() { factory() } else { None };
        match (entry, made) {
            (Some((entry, file)), _) => reading.service.build.entry = given(entry, &file),
            (None, Some((entry, file))) => {
                reading.service.build.entry = given(entry, &file);
                reading.service.build.script = given(format!("{server}-factory"), &file);
            }
            (None, None) => reading.notes.push(format!("no app object for {server} was found in the source")),
        }
        if !has(server) {
            let pinned = if server == "uvicorn" { "uvicorn==0.38.0" } else { "gunicorn==23.0.0" };
            reading.service.build.install = Some(vec![crate::answers::raw::Raw::new(
                pinned,
                crate::answers::raw::Origin::Detected(reading.manifest.clone()),
            )]);
            reading.notes.push(format!(
                "{server} is not among the dependencies: the image installs {pinned}; better add it and lock it"
            ));
        }
        return;
    }
    program(tree, reading, project, poetry);
}

/// What is started where no server loads the app: a file, a package, or a command that installing brings.
fn program(tree: &Tree, reading: &mut Reading, project: Option<&Table>, poetry: Option<&Table>) {
    let usual = ["main.py", "app.py", "server.py", "run.py", "bot.py"].into_iter().find(|file| tree.has(file));
    let package = tree
        .0
        .keys()
        .find(|path| path.ends_with("/__main__.py") && path.trim_start_matches("src/").matches('/').count() == 1);
    let scripts = project
        .and_then(|table| table.get("scripts")?.as_table())
        .or_else(|| poetry.and_then(|table| table.get("scripts")?.as_table()));
    let command =
        scripts.and_then(|scripts| scripts.keys().next().cloned()).map(|name| (name, "pyproject.toml")).or_else(|| {
            let file = ["setup.cfg", "setup.py"].into_iter().find(|file| tree.has(file))?;
            let text = tree.text(file)?.split("console_scripts").nth(1)?;
            Some((first_group(r"([\w.-]+)\s*=\s*[\w.]+:\w+", text)?, file))
        });
    // Only what is installed itself brings its commands along.
    let installs_itself =
        tree.has("uv.lock") || reading.service.build.locked.as_ref().is_some_and(|raw| raw.text == "false");
    match (usual, package, command) {
        (Some(file), ..) => reading.service.build.entry = given(file, file),
        (None, Some(file), _) => {
            let module = file.trim_start_matches("src/").trim_end_matches("/__main__.py").to_owned();
            reading.service.build.entry = given(module, file);
        }
        (None, None, Some((command, file))) if installs_itself => {
            reading.service.build.entry = given(format!("/venv/bin/{command}"), file);
        }
        _ => reading.notes.push("no program to start was found in the source".to_owned()),
    }
}
