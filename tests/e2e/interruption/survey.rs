//! A run as it is when nothing happens to it: its file operations, and the trees around it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use tempfile::TempDir;

use super::Disk;
use super::lives::{Life, Tree};
use super::run::strace;
use super::tree::{Files, copy, files, own};
use crate::engine::Tools;

/// One file operation of a run: the how-manieth of its name, and how it was called.
pub(super) struct Point {
    pub(super) call: String,
    pub(super) number: usize,
    pub(super) line: String,
}

impl Point {
    pub(super) fn inject(&self, what: &str) -> String {
        format!("inject={}:{what}:when={}", self.call, self.number)
    }

    pub(super) fn commits(&self) -> bool {
        self.call == "rename" && (self.line.contains("/txn/journal\"") || self.line.contains("/.cofferdam/txn\")"))
    }
}

/// A run that nothing happens to, and the trees around it.
pub(super) struct Survey {
    pub(super) folder: TempDir,
    pub(super) points: Vec<Point>,
    pub(super) old: Files,
    pub(super) new: Files,
}

impl Survey {
    pub(super) fn new(tools: &Tools, life: &Life, always: &[&str]) -> Result<Self, String> {
        let folder = tempfile::tempdir().unwrap();
        let (before, after) = (folder.path().join("before"), folder.path().join("after"));
        (life.prepare)(tools, &before);
        copy(&before, &after);
        let log = folder.path().join("log");
        let run = strace(tools, &after, life.command, always, &log).output();
        let run = run.map_err(|error| format!("strace: {error}"))?;
        if !run.status.success() {
            return Err(format!("{:?} fails: {}", life.command, String::from_utf8_lossy(&run.stderr)));
        }
        let points = points(&fs::read_to_string(log).unwrap(), always)?;
        let (old, new) = (files(&before), files(&after));
        let commits = points.iter().filter(|point| point.commits()).count();
        let is_meant = commits == 1 || life.is_left_unfinished;
        if !is_meant || own(&old) == own(&new) {
            return Err("the run is not the one that was meant".to_owned());
        }
        Ok(Self { folder, points, old, new })
    }

    pub(super) fn commit(&self) -> usize {
        self.points.iter().position(Point::commits).unwrap_or_default()
    }

    pub(super) fn tree(&self, tree: Tree) -> &Files {
        if tree == Tree::Old { &self.old } else { &self.new }
    }

    /// A project as it was before the run.
    pub(super) fn project(&self) -> TempDir {
        let project = tempfile::tempdir().unwrap();
        copy(&self.folder.path().join("before"), project.path());
        project
    }

    pub(super) fn is(&self, found: &Files) -> Option<Tree> {
        [Tree::Old, Tree::New].into_iter().find(|tree| own(self.tree(*tree)) == own(found))
    }

    /// A failure at one point; from then on too: of all that changes names, which is how a run goes forward and back.
    pub(super) fn failures(&self, index: usize, error: &str, disk: Disk) -> Vec<String> {
        let point = &self.points[index];
        if disk == Disk::FailsOnce {
            return vec![point.inject(&format!("error={error}"))];
        }
        let names = ["mkdir", "rename", "renameat2", "unlink", "unlinkat", "rmdir", "syncfs", "fsync"];
        let before = |call: &str| self.points[..index].iter().filter(|point| point.call == call).count();
        let mut injects: Vec<String> =
            names.iter().map(|call| format!("inject={call}:error={error}:when={}+", before(call) + 1)).collect();
        if !names.contains(&point.call.as_str()) {
            injects.push(point.inject(&format!("error={error}")));
        }
        injects
    }

    pub(super) fn at(&self, index: usize, problem: &str) -> String {
        let point = &self.points[index];
        format!(
            "at {} {} of {}, {}({}:\n{problem}",
            point.call,
            point.number,
            self.points.len(),
            point.call,
            point.line
        )
    }
}

/// What a trace says, in the order of its calls. Only the first thread may touch files: numbers are per thread.
fn points(log: &str, always: &[&str]) -> Result<Vec<Point>, String> {
    let mut points = Vec::new();
    let mut numbers = BTreeMap::new();
    let mut threads = BTreeSet::new();
    for line in log.lines() {
        let (thread, call) = line.split_once(' ').unwrap_or_default();
        let Some((name, arguments)) = call.trim_start().split_once('(') else { continue };
        let number: &mut usize = numbers.entry((thread, name)).or_default();
        *number += 1;
        let reads = name == "openat" && !["O_WRONLY", "O_RDWR", "O_CREAT"].iter().any(|flag| arguments.contains(flag));
        let prints = name == "write" && (arguments.starts_with("1,") || arguments.starts_with("2,"));
        // The dynamic linker's and the allocator's own.
        let elsewhere =
            arguments.contains("\"/proc/") || arguments.contains("\"/sys/") || arguments.contains("\"/dev/");
        let fails_anyway = always.iter().any(|inject| inject.contains(&format!("={name}:")));
        if reads || prints || elsewhere || fails_anyway || name.starts_with("<...") {
            continue;
        }
        threads.insert(thread);
        points.push(Point { call: name.to_owned(), number: *number, line: arguments.to_owned() });
    }
    if threads.len() > 1 { Err(format!("{} threads write", threads.len())) } else { Ok(points) }
}
