//! Go: `go.mod`, a program at the root or below `cmd/`, a workspace.

use super::{Reading, Tree, first_version, given, name_from};

pub(super) fn read(tree: &Tree) -> Option<Reading> {
    let manifest = module(tree)?;
    let folder = manifest.trim_end_matches("go.mod");
    let text = tree.text(&manifest)?;
    let directive = |word: &str| {
        text.lines()
            .find_map(|line| line.trim().strip_prefix(word)?.strip_prefix(' ').map(|rest| rest.trim().to_owned()))
    };
    let module = directive("module")?;
    let mut reading = Reading { manifest: manifest.clone(), ..Reading::default() };
    let last = module.rsplit('/').find(|part| !is_major_suffix(part))?.to_owned();
    reading.name = name_from(&last, &manifest);
    reading.version = tree.text("VERSION").map(|text| text.trim().trim_start_matches('v').to_owned());
    let build = &mut reading.service.build;
    let entry = program(tree, folder, &last);
    if let Some((entry, file)) = &entry {
        build.entry = given(entry.clone(), file);
    } else {
        reading.notes.push("no `package main` was found at the root or below cmd/".to_owned());
    }
    let sum = format!("{folder}go.sum");
    let needs_nothing = !text.contains("require");
    let pinned_by = if tree.has_folder("vendor") {
        "vendor/"
    } else if tree.has(&sum) {
        &sum
    } else {
        &manifest
    };
    build.package_manager = given("go", pinned_by);
    if pinned_by == manifest && !needs_nothing {
        build.locked = given("false", &manifest);
        reading.notes.push(
            "there is no go.sum: what is downloaded is not checked; commit the one that `go mod tidy` writes"
                .to_owned(),
        );
    }
    let wanted = directive("toolchain").or_else(|| directive("go"));
    reading.oldest_tool = wanted
        .and_then(|version| first_version(version.trim_start_matches("go"), 2))
        .and_then(|version| given(version, &manifest));
    if let Some((file, _)) =
        tree.sources(&[".go"]).find(|(_, text)| text.lines().any(|line| line.trim() == "import \"C\""))
    {
        build.native = given("true", file);
    }
    reading.dependencies = text
        .lines()
        .filter_map(|line| line.trim().trim_start_matches("require ").split_whitespace().next())
        .filter(|word| word.contains('.'))
        .map(str::to_owned)
        .collect();
    reading.service.build.include = super::site::folders_in_use(tree, &[".go"], folder);
    Some(reading)
}

/// The module to build: the one that holds a program, of the root's and the workspace's.
fn module(tree: &Tree) -> Option<String> {
    let root = tree.has("go.mod").then(String::new);
    let members = workspace(tree).into_iter().map(|folder| format!("{folder}/"));
    let folders: Vec<String> =
        root.into_iter().chain(members).filter(|folder| tree.has(&format!("{folder}go.mod"))).collect();
    let folder = folders.iter().find(|folder| program(tree, folder, "").is_some()).or(folders.first())?;
    Some(format!("{folder}go.mod"))
}

/// The folders that `go.work` puts together, but for the root.
pub(super) fn workspace(tree: &Tree) -> Vec<&str> {
    let lines = tree.text("go.work").unwrap_or_default().lines();
    let words = lines.filter_map(|line| line.split("//").next()).flat_map(str::split_whitespace);
    let folders = words.map(|word| word.trim_start_matches("./").trim_end_matches('/'));
    // Whatever else stands there is no folder with a module.
    folders.filter(|folder| tree.has(&format!("{folder}/go.mod"))).collect()
}

/// The folder of `package main`, as an argument of `go build`.
fn program(tree: &Tree, folder: &str, module: &str) -> Option<(String, String)> {
    // Inside another member a program is that member's.
    let others: Vec<&str> =
        workspace(tree).into_iter().filter(|other| *other != folder.trim_end_matches('/')).collect();
    let is_others = |file: &str| {
        others.iter().any(|other| {
            !folder.starts_with(other) && file.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'))
        })
    };
    let main = |file: &str, text: &str| {
        file.starts_with(folder)
            && !is_others(file)
            && text.lines().any(|line| line.trim() == "package main")
            && text.contains("func main()")
    };
    let mut folders: Vec<(String, String)> = tree
        .sources(&[".go"])
        .filter(|(file, text)| main(file, text))
        .map(|(file, _)| {
            (file.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned()), file.to_owned())
        })
        .filter(|(folder, _)| !folder.split('/').any(|part| ["hack", "tools", "scripts", "internal"].contains(&part)))
        .collect();
    // The root, then what bears the module's name, then a server, then the rest in order of names.
    folders.sort_by_key(|(path, _)| {
        let last = path.rsplit('/').next().unwrap_or_default();
        let rank = match last {
            _ if format!("{path}/") == folder || path.is_empty() => 0,
            _ if last == module => 1,
            "server" | "api" | "app" | "web" => 2,
            _ if path.contains("cmd/") => 3,
            _ => 4,
        };
        (rank, path.clone())
    });
    let (path, file) = folders.into_iter().next()?;
    Some((if path.is_empty() { ".".to_owned() } else { format!("./{path}") }, file))
}

fn is_major_suffix(part: &str) -> bool {
    part.strip_prefix('v').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}
