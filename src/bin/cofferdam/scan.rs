//! An app's folder as a `Tree`: bounded, so that a huge or hostile folder costs little. Links are not followed.

use std::fs;
use std::path::Path;

use cofferdam::detect::Tree;

const DEEPEST: usize = 8;
const MOST_FILES: usize = 20_000;
const LARGEST: u64 = 512 << 10;
const MOST_BYTES: u64 = 48 << 20;

/// Folders that hold no source of the app: seen, not entered.
const PASSED: [&str; 16] = [
    ".git",
    ".cofferdam",
    "node_modules",
    "target",
    "vendor",
    ".venv",
    "venv",
    "__pycache__",
    ".tox",
    ".gradle",
    ".idea",
    "third_party",
    ".next",
    ".terraform",
    "site-packages",
    ".mypy_cache",
];

/// Files that say what an app is, beside its sources.
const TELLING: [&str; 33] = [
    "Dockerfile",
    "VERSION",
    "Cargo.toml",
    "Rocket.toml",
    "rust-toolchain",
    "rust-toolchain.toml",
    "go.mod",
    "go.work",
    "package.json",
    "yarn.lock",
    ".yarnrc.yml",
    ".nvmrc",
    ".node-version",
    "pyproject.toml",
    "requirements.txt",
    "setup.py",
    "setup.cfg",
    ".python-version",
    "Pipfile",
    "runtime.txt",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "settings.gradle",
    "settings.gradle.kts",
    "application.properties",
    "application.yml",
    "application.yaml",
    "Procfile",
    "composer.json",
    "Gemfile",
    "mix.exs",
    "deno.json",
];
const SOURCES: [&str; 11] = [".rs", ".go", ".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".java", ".kt", ".rb"];

/// `more` are the ends of the paths of other files that tell something.
pub(crate) fn scan<'m>(folder: &Path, more: impl Iterator<Item = &'m str>) -> Tree {
    let mut tree = Tree::default();
    let mut bytes = MOST_BYTES;
    walk(folder, "", 0, &more.collect::<Vec<_>>(), &mut tree, &mut bytes);
    if let Ok(text) = fs::read_to_string(folder.join(".git/config")) {
        tree.0.insert(".git/config".to_owned(), Some(text));
    }
    tree
}

fn walk(folder: &Path, below: &str, depth: usize, more: &[&str], tree: &mut Tree, bytes: &mut u64) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let Ok(kind) = entry.file_type() else { continue };
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        if tree.0.len() >= MOST_FILES {
            return;
        }
        if kind.is_dir() {
            if PASSED.contains(&name.as_str()) {
                // That it is there tells something.
                tree.0.insert(format!("{path}/."), None);
            } else if depth < DEEPEST {
                walk(&entry.path(), &path, depth + 1, more, tree, bytes);
            }
        } else if kind.is_file() {
            let telling =
                TELLING.contains(&name.as_str()) || SOURCES.iter().chain(more).any(|ending| path.ends_with(ending));
            let size = entry.metadata().map_or(u64::MAX, |metadata| metadata.len());
            let text =
                (telling && size <= LARGEST && size <= *bytes).then(|| fs::read_to_string(entry.path()).ok()).flatten();
            if text.is_some() {
                *bytes -= size;
            }
            tree.0.insert(path, text);
        }
    }
}
