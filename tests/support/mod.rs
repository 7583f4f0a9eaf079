//! The real binary in a temporary folder: write files, run, compare the screen and the tree.
#![allow(dead_code, reason = "each test file uses a part of this")]
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) struct Project {
    folder: tempfile::TempDir,
}

/// How a run ended.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    /// A copy of one of `examples/`.
    pub(crate) fn example(name: &str) -> Self {
        let project = Self::new(&[]);
        project.copy_example(name, "");
        project
    }

    /// One of `examples/` in a folder.
    pub(crate) fn copy_example(&self, name: &str, folder: &str) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
        for (path, bytes) in tree(&root) {
            let target = self.path(folder).join(path);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::write(target, bytes).unwrap();
        }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join("app").join(path)
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("app")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Replaces a text that must be there once.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {path}");
        self.write(path, &text.replace(from, to));
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        fs::create_dir_all(self.root()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_cofferdam"));
        command.current_dir(self.root()).args(arguments).env_clear().stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.end(&mut self.command(arguments))
    }

    pub(crate) fn end(&self, command: &mut Command) -> Run {
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(self.root().to_str().unwrap(), "[APP]");
        Run { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Runs what must end well.
    pub(crate) fn ok(&self, arguments: &[&str]) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}\n{}\n{}", run.stdout, run.stderr);
        run
    }

    /// Every file of the project, with its bytes. What `undo` keeps is none: it tells of the way, not of where it led.
    pub(crate) fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = tree(&self.root());
        files.retain(|path, _| !path.starts_with(".cofferdam/undo/"));
        files
    }
}

impl Run {
    /// The whole screen, for a snapshot.
    pub(crate) fn screen(&self) -> String {
        let part = |name: &str, text: &str| if text.is_empty() { String::new() } else { format!("{name}:\n{text}") };
        format!("exit {}\n{}{}", self.code, part("stdout", &self.stdout), part("stderr", &self.stderr))
    }
}

pub(crate) fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read(&path).unwrap_or_default());
            }
        }
    }
    files
}
