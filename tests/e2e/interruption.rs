//! Runs that are killed, or whose disk fails, at each file operation in turn: the tree is the old one or the new one,
//! and what a person wrote is in both.

mod lives;
mod run;
mod survey;
mod tree;

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use self::lives::{GENERATE, INIT, LIVES, Life, THEIRS, TakenBack, Tree, UNDO};
use self::run::{check, cofferdam, ok, strace, struck};
use self::survey::Survey;
use self::tree::{Files, differences, files, own};
use crate::engine::{Engine, Tools};
use crate::{Proof, Verdict};

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

/// How long a disk fails.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Disk {
    FailsOnce,
    /// From then on whatever is done to go back fails too.
    IsBroken,
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
