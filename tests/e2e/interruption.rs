//! Runs that are killed, or whose disk fails, at each file operation in turn: the tree is the old one or the new one,
//! and what a person wrote is in both.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::engine::{Engine, Tools};
use crate::{Proof, Verdict};

const CALLS: &str = "mkdir,mkdirat,openat,write,pwrite64,chmod,fchmod,fchmodat,rename,renameat,renameat2,link,linkat,\
                     symlink,symlinkat,unlink,unlinkat,rmdir,fsync,fdatasync,syncfs,truncate,ftruncate,copy_file_range";
/// As on file systems that cannot let two files change places.
const NO_EXCHANGE: &str = "inject=renameat2:error=EINVAL";
const JOURNAL: &str = ".cofferdam/txn/journal";

pub(crate) fn proofs() -> Vec<Proof> {
    let mut proofs = Vec::new();
    let mut push = |what: &str, life: &'static Life, prove: fn(&Tools, &'static Life) -> Verdict| {
        let name = format!("interruption::{what}::{}", life.name);
        proofs.push(Proof::new(name, Engine::Strace, move |tools| prove(tools, life)));
    };
    for life in LIVES {
        push("killed", life, |tools, life| killed(tools, life, &[]));
    }
    for life in [&INIT, &GENERATE, &UNDO] {
        push("failing", life, |tools, life| failing(tools, life, &["ENOSPC", "EACCES", "EIO"], Disk::FailsOnce));
        push("broken", life, |tools, life| failing(tools, life, &["EIO"], Disk::IsBroken));
    }
    proofs.push(Proof::new("interruption::killed::without_exchange", Engine::Strace, |tools| {
        killed(tools, &GENERATE, &[NO_EXCHANGE])
    }));
    proofs.push(Proof::new("interruption::overtaken", Engine::Strace, overtaken));
    proofs
}

/// A run, and what may be said after it was interrupted.
struct Life {
    name: &'static str,
    command: &'static [&'static str],
    /// Makes the project that it runs in.
    prepare: fn(&Tools, &Path),
    /// Whether it begins with what an earlier run, killed right after its commit, has left to do.
    is_left_unfinished: bool,
    /// A file that a person changed before it, and whether they take that back after it was killed.
    edited: Option<(&'static str, TakenBack)>,
    /// Each leads to the new tree, or back to the old one.
    next: &'static [(&'static str, Tree)],
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum TakenBack {
    Yes,
    No,
}

/// How long a disk fails.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Disk {
    FailsOnce,
    /// From then on whatever is done to go back fails too.
    IsBroken,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Tree {
    Old,
    New,
}

static LIVES: [&Life; 8] = [
    &INIT,
    &GENERATE,
    &UNDO,
    &UNDO_OF_REMOVED,
    &COMPLETED,
    &UNDO_COMPLETED,
    &MEETING_AN_EDIT,
    &MEETING_AN_EDIT_TAKEN_BACK,
];

static INIT: Life = Life {
    name: "init",
    command: &["init", "--yes"],
    prepare: |_, root| copy(&example(), root),
    is_left_unfinished: false,
    edited: None,
    next: &[("init --yes", Tree::New)],
};
static GENERATE: Life = Life {
    name: "generate",
    command: &["generate"],
    prepare: |_, root| lived_in(root),
    // A run that was not committed leaves nothing to undo but `init`, and that is refused because of the edits.
    next: &[("generate", Tree::New), ("undo", Tree::Old)],
    ..INIT
};
static UNDO: Life = Life {
    name: "undo",
    command: &["undo"],
    prepare: |_, root| {
        lived_in(root);
        ok(root, &["generate"]);
    },
    next: &[("undo", Tree::New), ("generate", Tree::Old)],
    ..INIT
};
static UNDO_OF_REMOVED: Life = Life {
    name: "undo_of_removed",
    prepare: |tools, root| {
        (UNDO.prepare)(tools, root);
        // One that the run changed, one that it made.
        for path in [EDITED, "deploy/notes/httproute.yaml"] {
            fs::remove_file(root.join(path)).unwrap();
        }
    },
    next: &[("undo", Tree::New)],
    ..UNDO
};
static COMPLETED: Life = Life {
    name: "completed",
    prepare: |tools, root| cut_off(tools, &GENERATE, root),
    is_left_unfinished: true,
    next: &[("generate", Tree::New)],
    ..GENERATE
};
static UNDO_COMPLETED: Life = Life {
    name: "undo_completed",
    prepare: |tools, root| cut_off(tools, &UNDO_OF_REMOVED, root),
    is_left_unfinished: true,
    next: &[("undo", Tree::New)],
    ..UNDO
};
static MEETING_AN_EDIT: Life = Life {
    name: "meeting_an_edit",
    prepare: |tools, root| {
        cut_off(tools, &GENERATE, root);
        let text = fs::read_to_string(root.join(EDITED)).unwrap();
        fs::write(root.join(EDITED), text + THEIRS).unwrap();
    },
    edited: Some((EDITED, TakenBack::No)),
    ..COMPLETED
};
static MEETING_AN_EDIT_TAKEN_BACK: Life =
    Life { name: "meeting_an_edit_taken_back", edited: Some((EDITED, TakenBack::Yes)), ..MEETING_AN_EDIT };

/// A file that `generate` changes.
const EDITED: &str = "deploy/notes/deployment.yaml";
const THEIRS: &str = "# theirs\n";

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/rust-notes")
}

/// Two services, a person's edits and files, and answers that write, change and remove files.
fn lived_in(root: &Path) {
    copy(&example(), root);
    ok(root, &["init", "--yes"]);
    ok(
        root,
        &[
            "add",
            "--yes",
            "--preset",
            "image",
            "--name",
            "cache",
            "--image",
            "docker.io/valkey/valkey:9.0.0",
            "--port",
            "6379",
        ],
    );
    let edit = |path: &str, from: &str, to: &str| {
        let text = fs::read_to_string(root.join(path)).unwrap();
        assert!(text.contains(from), "{from} is not in {path}");
        fs::write(root.join(path), text.replace(from, to)).unwrap();
    };
    edit("deploy/notes/serviceaccount.yaml", "kind: ServiceAccount", "kind: ServiceAccount # ours");
    edit("deploy/cache/service.yaml", "type: ClusterIP", "type: ClusterIP # ours");
    fs::write(root.join("deploy/notes/picture"), b"\xff\xfe\x00").unwrap();
    fs::set_permissions(root.join("deploy/notes/deployment.yaml"), fs::Permissions::from_mode(0o640)).unwrap();
    let answers = fs::read_to_string(root.join("cofferdam.yaml")).unwrap();
    let start = answers.find("  cache:").unwrap();
    let more = "preset: rust\n    replicas: { min: 3 }\n    expose: { host: notes.example.com }\n    # ours";
    fs::write(root.join("cofferdam.yaml"), answers[..start].replacen("preset: rust", more, 1)).unwrap();
}

/// A project whose run was killed right after its commit.
fn cut_off(tools: &Tools, life: &'static Life, root: &Path) {
    let survey = Survey::new(tools, life, &[]).unwrap();
    copy(&survey.folder.path().join("before"), root);
    let kill = survey.points[survey.commit() + 1].inject("signal=KILL");
    struck(tools, root, life.command, &[&kill]).unwrap();
    assert!(root.join(JOURNAL).exists());
}

/// One file operation of a run: the how-manieth of its name, and how it was called.
struct Point {
    call: String,
    number: usize,
    line: String,
}

impl Point {
    fn inject(&self, what: &str) -> String {
        format!("inject={}:{what}:when={}", self.call, self.number)
    }

    fn commits(&self) -> bool {
        self.call == "rename" && (self.line.contains("/txn/journal\"") || self.line.contains("/.cofferdam/txn\")"))
    }
}

/// A run that nothing happens to, and the trees around it.
struct Survey {
    folder: TempDir,
    points: Vec<Point>,
    old: Files,
    new: Files,
}

/// Mode and bytes by path.
type Files = BTreeMap<String, (u32, Vec<u8>)>;

impl Survey {
    fn new(tools: &Tools, life: &Life, always: &[&str]) -> Result<Self, String> {
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

    fn commit(&self) -> usize {
        self.points.iter().position(Point::commits).unwrap_or_default()
    }

    fn tree(&self, tree: Tree) -> &Files {
        if tree == Tree::Old { &self.old } else { &self.new }
    }

    /// A project as it was before the run.
    fn project(&self) -> TempDir {
        let project = tempfile::tempdir().unwrap();
        copy(&self.folder.path().join("before"), project.path());
        project
    }

    fn is(&self, found: &Files) -> Option<Tree> {
        [Tree::Old, Tree::New].into_iter().find(|tree| own(self.tree(*tree)) == own(found))
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

fn killed(tools: &Tools, life: &'static Life, always: &[&str]) -> Verdict {
    let survey = Survey::new(tools, life, always)?;
    let expected_check = check(&survey.folder.path().join("after"));
    let commit = survey.commit();
    let mut cases = Vec::new();
    for index in 0..survey.points.len() {
        cases.extend(life.next.iter().map(|(next, tree)| (index, *next, *tree)));
    }
    let count = cases.len();
    each(cases, |(index, next, tree)| {
        let point = &survey.points[index];
        let project = survey.project();
        let root = project.path();
        let mut injects = always.to_vec();
        let kill = point.inject("signal=KILL");
        injects.push(&kill);
        let run = struck(tools, root, life.command, &injects)?;
        if run.status.signal() != Some(9) {
            return Err(format!("it lives on: {:?}", run.status));
        }
        if let Some((path, taken_back)) = life.edited {
            let text = fs::read_to_string(root.join(path)).unwrap();
            let Some(rest) = text.strip_suffix(THEIRS) else { return Err(format!("the edit of {path} is lost")) };
            if taken_back == TakenBack::Yes {
                fs::write(root.join(path), rest).unwrap();
            }
        } else if root.join(JOURNAL).exists() {
            each_file_is_whole(&survey, &files(root), !always.is_empty())?;
            if check(root) == 0 {
                return Err("`check` calls a half-written tree fine".to_owned());
            }
        } else if survey.is(&files(root)).is_none() || index <= commit && survey.is(&files(root)) != Some(Tree::Old) {
            return Err(format!("killed, the tree is neither: {}", differences(survey.tree(Tree::Old), &files(root))));
        }
        let words: Vec<&str> = next.split(' ').collect();
        let run = cofferdam(root, &words);
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        if said.contains("panicked") || root.join(".cofferdam/txn").exists() {
            return Err(format!("after `{next}`: {said}"));
        }
        if life.edited.is_some_and(|(_, taken_back)| taken_back == TakenBack::Yes) {
            return match check(root) {
                0 => Ok(()),
                code => Err(format!("after `{next}`, `check` ends with {code}: {said}")),
            };
        }
        // Pristine texts included: what the killed run left of them is swept, or taken back.
        let (found, wanted) = (files(root), survey.tree(tree));
        if own(&found) != own(wanted) || tree == Tree::New && found.keys().ne(wanted.keys()) {
            return Err(format!("after `{next}`: {}{said}", differences(wanted, &found)));
        }
        if tree == Tree::New && check(root) != expected_check {
            return Err(format!("after `{next}`, `check` ends with {}", check(root)));
        }
        if life.command[0] == "generate" && tree == Tree::New && life.edited.is_none() {
            ok(root, &["undo"]);
            if own(&files(root)) != own(&survey.old) {
                return Err(format!("after undo: {}", differences(&survey.old, &files(root))));
            }
        }
        Ok(())
    })
    .map_err(|(problem, (index, ..))| survey.at(index, &problem))?;
    Ok(format!("killed at {} of {} file operations, {count} times in all", survey.points.len(), survey.points.len()))
}

fn failing(tools: &Tools, life: &'static Life, errors: &[&'static str], disk: Disk) -> Verdict {
    let survey = Survey::new(tools, life, &[])?;
    let commit = survey.commit();
    let cases: Vec<(usize, &str)> =
        (0..survey.points.len()).flat_map(|index| errors.iter().map(move |error| (index, *error))).collect();
    let count = cases.len();
    let (succeeded, unfinished) = (Mutex::new(0), Mutex::new(0));
    each(cases, |(index, error)| {
        let project = survey.project();
        let root = project.path();
        let injects = survey.failures(index, error, disk);
        let run = struck(tools, root, life.command, &injects.iter().map(String::as_str).collect::<Vec<_>>())?;
        let said = String::from_utf8_lossy(&run.stderr);
        let tree = survey.is(&files(root));
        let is_problem = said.contains("error: ") && said.contains("\n  why: ") && said.contains("\n  help: ");
        let is_as_said = match (run.status.code(), tree) {
            (Some(0), Some(Tree::New)) => true,
            (Some(1 | 4 | 5), Some(Tree::Old)) => is_problem,
            (Some(1 | 4 | 5), Some(Tree::New)) => is_problem && index > commit,
            _ => false,
        };
        if run.status.success() {
            *succeeded.lock().unwrap() += 1;
        }
        if disk == Disk::IsBroken && root.join(JOURNAL).exists() {
            each_file_is_whole(&survey, &files(root), false)?;
            *unfinished.lock().unwrap() += 1;
            if run.status.success() || !is_problem || check(root) == 0 {
                return Err(format!("{error}: {:?}, half-way, and {said}", run.status));
            }
        } else if !is_as_said || said.contains("panicked") || root.join(JOURNAL).exists() {
            let old = differences(&survey.old, &files(root));
            return Err(format!("{error}: {:?}\n{said}against the old tree: {old}", run.status));
        }
        // Whatever was left behind is in nobody's way.
        let (next, wanted) = life.next[0];
        let words: Vec<&str> = next.split(' ').collect();
        cofferdam(root, &words);
        if own(&files(root)) != own(survey.tree(wanted)) {
            return Err(format!("{error}, then `{next}`: {}", differences(survey.tree(wanted), &files(root))));
        }
        Ok(())
    })
    .map_err(|(problem, (index, _))| survey.at(index, &problem))?;
    let (succeeded, unfinished) = (succeeded.into_inner().unwrap(), unfinished.into_inner().unwrap());
    if disk == Disk::IsBroken && unfinished == 0 {
        return Err("the way back never fails".to_owned());
    }
    Ok(format!(
        "{count} failures at {} file operations; {succeeded} did not matter, the rest were told; {unfinished} left to \
         the next run",
        survey.points.len()
    ))
}

/// A person writes between the look at a file and its replacement: the run is held up right there.
fn overtaken(tools: &Tools) -> Verdict {
    let survey = Survey::new(tools, &GENERATE, &[])?;
    type Write = fn(&Path);
    let writes: [(&str, Write); 5] = [
        ("deploy/notes/deployment.yaml", |path| fs::write(path, "theirs\n").unwrap()),
        ("deploy/guardrails.yaml", |path| {
            let beside = path.with_extension("new");
            fs::write(&beside, "theirs\n").unwrap();
            fs::rename(beside, path).unwrap();
        }),
        ("deploy/cache/deployment.yaml", |path| fs::write(path, "theirs\n").unwrap()),
        ("deploy/notes/httproute.yaml", |path| fs::write(path, "theirs\n").unwrap()),
        ("deploy/notes/ingress.yaml", |path| fs::write(path, "theirs\n").unwrap()),
    ];
    let placed = |path: &str| {
        let quoted = format!("/{path}\"");
        survey.points.iter().position(|point| point.call.starts_with("rename") && point.line.contains(&quoted))
    };
    let cases: Vec<_> = writes.into_iter().filter_map(|(path, write)| Some((placed(path)?, path, write))).collect();
    let count = cases.len();
    if count < 4 {
        return Err(format!("only {count} files are replaced"));
    }
    each(cases, |(index, path, write)| {
        let project = survey.project();
        let root = project.path();
        let hold = survey.points[index].inject("delay_enter=2000000");
        let mut command = strace(tools, root, GENERATE.command, &[&hold], Path::new("/dev/null"));
        let mut run = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped()).spawn().unwrap();
        let end = Instant::now() + Duration::from_secs(20);
        while !root.join(JOURNAL).exists() && Instant::now() < end && run.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(700));
        write(&root.join(path));
        let run = run.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&run.stderr);
        if run.status.code() != Some(4) || !said.contains(&format!("{path} changed while cofferdam was at work")) {
            return Err(format!("{:?}: {said}", run.status));
        }
        let mut wanted = own(&survey.new);
        wanted.retain(|other, _| *other != path);
        let mut found = files(root);
        found.retain(|other, _| other != path && !other.starts_with(".cofferdam/"));
        wanted.retain(|other, _| !other.starts_with(".cofferdam/"));
        if own(&found) != wanted {
            return Err(format!("beside it: {}", differences(&survey.new, &found)));
        }
        // It is met again, and not overwritten then either; undo takes the rest back.
        cofferdam(root, &["generate"]);
        if fs::read(root.join(path)).unwrap() != b"theirs\n" {
            return Err("what was written meanwhile is lost".to_owned());
        }
        Ok(())
    })
    .map_err(|(problem, (index, ..))| survey.at(index, &problem))?;
    Ok(format!("{count} edits between look and replacement, none lost, all told"))
}

impl Survey {
    /// A failure at one point; from then on too: of all that changes names, which is how a run goes forward and back.
    fn failures(&self, index: usize, error: &str, disk: Disk) -> Vec<String> {
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

    fn at(&self, index: usize, problem: &str) -> String {
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

/// Two at a time. The first that is wrong ends it.
fn each<T: Copy + Send>(cases: Vec<T>, prove: impl Fn(T) -> Result<(), String> + Sync) -> Result<(), (String, T)> {
    let cases = Mutex::new(cases.into_iter());
    let wrong = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(case) = cases.lock().unwrap().next() else { return };
                    if wrong.lock().unwrap().is_some() {
                        return;
                    }
                    if let Err(problem) = prove(case) {
                        wrong.lock().unwrap().get_or_insert((problem, case));
                    }
                }
            });
        }
    });
    wrong.into_inner().unwrap().map_or(Ok(()), Err)
}

fn strace(tools: &Tools, root: &Path, command: &[&str], injects: &[&str], log: &Path) -> Command {
    let mut strace = tools.command("strace");
    strace.current_dir(root).args(["-f", "-s", "4096", "-e", &format!("trace={CALLS}")]);
    for inject in injects {
        strace.args(["-e", inject]);
    }
    strace.arg("-o").arg(log).arg(env!("CARGO_BIN_EXE_cofferdam")).args(command);
    strace
}

fn struck(tools: &Tools, root: &Path, command: &[&str], injects: &[&str]) -> Result<Output, String> {
    let mut strace = strace(tools, root, command, injects, Path::new("/dev/null"));
    strace.output().map_err(|error| format!("strace: {error}"))
}

fn cofferdam(root: &Path, command: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cofferdam")).current_dir(root).args(command).output().unwrap()
}

fn ok(root: &Path, command: &[&str]) {
    let run = cofferdam(root, command);
    assert!(run.status.success(), "{command:?}: {}", String::from_utf8_lossy(&run.stderr));
}

fn check(root: &Path) -> i32 {
    cofferdam(root, &["check"]).status.code().unwrap_or(-1)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(path, target).unwrap();
        }
    }
}

/// Every file but those of transactions, done or not.
fn files(root: &Path) -> Files {
    let mut files = Files::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if name == ".cofferdam/txn" || name == ".cofferdam/undo" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                let mode = path.symlink_metadata().unwrap().permissions().mode();
                files.insert(name, (mode, fs::read(&path).unwrap()));
            }
        }
    }
    files
}

/// Without pristine texts: more of them than the lock names are in nobody's way.
fn own(files: &Files) -> BTreeMap<&str, &(u32, Vec<u8>)> {
    files.iter().filter(|(path, _)| !cofferdam::lock::is_base(path)).map(|(path, file)| (path.as_str(), file)).collect()
}

/// Where two files cannot change places, one of them is aside for a moment, and the next run places it.
fn each_file_is_whole(survey: &Survey, found: &Files, may_be_aside: bool) -> Result<(), String> {
    for path in survey.old.keys().chain(survey.new.keys()).chain(found.keys()) {
        let now = found.get(path);
        if now != survey.old.get(path) && now != survey.new.get(path) && !(may_be_aside && now.is_none()) {
            return Err(format!("half-way, {path} is neither the old nor the new one"));
        }
    }
    Ok(())
}

fn differences(wanted: &Files, found: &Files) -> String {
    let paths: BTreeSet<&String> = wanted.keys().chain(found.keys()).collect();
    let differ = paths.into_iter().filter(|path| wanted.get(*path) != found.get(*path));
    differ.map(|path| format!("{path} differs\n")).collect()
}
