//! A person's own git, with their credentials, proxies and keys. It fetches into a folder of its own and reads from there:
//! nothing of a repository is checked out or run.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use cofferdam::pack::{Contents, Found, Repository};
use cofferdam::problem::{Problem, nearest};
use cofferdam::spec::pack::{Commit, Revision};
use tempfile::TempDir;

use crate::terminal;

/// What a URL could start, and what git would do beside its work.
const SETTINGS: [&str; 5] = [
    "core.hooksPath=/dev/null",
    "protocol.ext.allow=never",
    "protocol.fd.allow=never",
    "gc.auto=0",
    "maintenance.auto=false",
];

/// What git tells a hook about the repository that it runs in. We may be run by one, and mean another repository.
const ELSEWHERE: [&str; 8] = [
    "GIT_DIR",
    "GIT_COMMON_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
];

/// As many tags and branches as a message names.
const SHOWN: usize = 8;

/// One revision of a repository, in a folder of its own.
pub(crate) struct Snapshot {
    folder: TempDir,
    pub(crate) commit: Commit,
    /// Whether the revision is a tag, which is not meant to move.
    pub(crate) is_tag: bool,
}

/// Whether there is a git at all.
pub(crate) fn find() -> Result<(), Problem> {
    let version = run(git(Path::new("."), &["--version"]));
    version.map(drop).map_err(|why| {
        Problem::new(
            "git cannot be started",
            why,
            "install it, or add it to `PATH`: packs of repositories are fetched by it",
        )
    })
}

impl Snapshot {
    pub(crate) fn fetch(repository: &Repository) -> Result<Self, Problem> {
        let Repository { url, revision, .. } = repository;
        let failed = |why| {
            let help = format!("mend it until `git ls-remote {url}` works");
            Problem::new(format!("cannot fetch from {url}"), why, help)
        };
        let folder = tempfile::Builder::new().prefix("cofferdam-").tempdir();
        let folder = folder.map_err(|error| failed(error.to_string()))?;
        let listed = run(git(folder.path(), &["ls-remote", "--heads", "--tags", "--", url.as_str()]));
        let refs = refs(&listed.map_err(failed)?);
        let format = if refs.iter().any(|(id, _)| id.len() == 64) { "sha256" } else { "sha1" };
        let format = format!("--object-format={format}");
        run(git(folder.path(), &["init", "--quiet", "--bare", "--template=", &format, "."])).map_err(failed)?;
        let fetch = |depth: &[&str], what: &[&str]| {
            let words = ["--git-dir=.", "fetch", "--quiet", "--no-tags", "--no-recurse-submodules"];
            run(git(folder.path(), &[&words, depth, &["--", url.as_str()], what].concat()))
        };
        let commit = |name: &str| {
            let name = format!("{name}^{{commit}}");
            let words = ["--git-dir=.", "rev-parse", "--verify", "--quiet", "--end-of-options", &name];
            let found = run(git(folder.path(), &words)).ok()?;
            String::from_utf8(found).ok()?.trim().parse().ok()
        };
        let name = full_name(revision, &refs);
        let found = match (name, revision.commit()) {
            (Some(name), _) => {
                fetch(&["--depth", "1"], &[name]).map_err(failed)?;
                commit("FETCH_HEAD")
            }
            (None, Some(id)) => {
                // Not every server gives a commit by its id.
                if fetch(&["--depth", "1"], &[id.as_str()]).is_err() {
                    fetch(&[], &["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]).map_err(failed)?;
                }
                commit(id.as_str())
            }
            (None, None) => None,
        };
        let commit = found.ok_or_else(|| unknown(repository, &refs))?;
        let is_tag = name.is_some_and(|name| name.starts_with("refs/tags/"));
        Ok(Self { folder, commit, is_tag })
    }

    /// What the repository's folder holds of a pack.
    pub(crate) fn contents(&self, repository: &Repository) -> Result<Contents, Problem> {
        let failed = |why: String| {
            let why = format!("that is no folder of the repository: {why}");
            Problem::new(format!("there is no pack in {repository}"), why, "name another `folder`, or none")
        };
        let tree = match &repository.folder {
            Some(folder) => format!("{}:{folder}", self.commit),
            None => self.commit.to_string(),
        };
        let places: Vec<&str> = Contents::places().collect();
        let words = ["--git-dir=.", "ls-tree", "-r", "-z", "-l", "--full-tree", &tree, "--"];
        let listed = run(git(self.folder.path(), &[&words, &places[..]].concat())).map_err(failed)?;
        let mut blobs = Blobs::open(self.folder.path()).map_err(|error| failed(error.to_string()))?;
        let mut contents = Contents::new(&repository.to_string());
        for Listed { path, found, id } in listed.split(|byte| *byte == 0).filter_map(listing) {
            contents.take(&path, found, || blobs.read(&id).map_err(|error| error.to_string()));
            if contents.is_full() {
                break;
            }
        }
        Ok(contents)
    }
}

fn git(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).args(SETTINGS.iter().flat_map(|setting| ["-c", setting])).args(words);
    for name in ELSEWHERE {
        command.env_remove(name);
    }
    if terminal::can_ask() {
        command.stdin(Stdio::inherit());
    } else {
        command.stdin(Stdio::null()).env("GIT_TERMINAL_PROMPT", "0");
    }
    command
}

/// What git prints, or what it says is wrong.
fn run(mut command: Command) -> Result<Vec<u8>, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() { Ok(output.stdout) } else { Err(complaint(&output.stderr)) }
}

/// The lines that tell what is wrong, before the general advice, and without what could be drawn on a terminal.
fn complaint(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let telling = text.split("\n\n").next().unwrap_or_default().lines();
    let bare = |line: &str| line.chars().filter(|char| !char.is_control()).take(300).collect::<String>();
    let mut lines: Vec<String> = telling.map(|line| bare(line.trim_start_matches("fatal: "))).collect();
    lines.drain(..lines.len().saturating_sub(2));
    if lines.is_empty() { "git failed without a word".to_owned() } else { lines.join("; ") }
}

/// Ids and full names.
fn refs(listed: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(listed);
    text.lines().filter_map(|line| line.split_once('\t')).map(|(id, name)| (id.to_owned(), name.to_owned())).collect()
}

/// What git takes a revision for: the first of these that is there.
fn full_name<'a>(revision: &Revision, refs: &'a [(String, String)]) -> Option<&'a str> {
    let candidates = ["", "refs/", "refs/tags/", "refs/heads/"].map(|prefix| format!("{prefix}{revision}"));
    candidates.iter().find_map(|wanted| refs.iter().find(|(_, name)| name == wanted)).map(|(_, name)| name.as_str())
}

fn unknown(repository: &Repository, refs: &[(String, String)]) -> Problem {
    let Repository { url, revision, .. } = repository;
    // Whatever a server sends is printed only where it could be written here.
    let below = |folder: &'static str| refs.iter().filter_map(move |(_, name)| name.strip_prefix(folder));
    let known = below("refs/tags/").rev().chain(below("refs/heads/")).filter(|name| name.parse::<Revision>().is_ok());
    let known: Vec<&str> = known.collect();
    let help = match nearest(revision.as_str(), known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name a tag or a branch of it, or a commit by all of its digits".to_owned(),
    };
    let why = match known.len() {
        0 => "the repository is empty".to_owned(),
        1..=SHOWN => format!("it has {}", known.join(", ")),
        _ => format!("it has {}, …", known[..SHOWN].join(", ")),
    };
    Problem::new(format!("there is no `{revision}` in {url}"), why, help)
}

/// An entry of `git ls-tree -l`.
struct Listed {
    path: String,
    found: Found,
    id: String,
}

fn listing(line: &[u8]) -> Option<Listed> {
    let line = String::from_utf8_lossy(line);
    let (head, path) = line.split_once('\t')?;
    let mut words = head.split_whitespace();
    let (mode, kind, id, size) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let found = match (mode, kind) {
        ("120000", _) => Found::Link,
        (_, "blob") => Found::File { size: size.parse().ok()? },
        _ => Found::Other,
    };
    Some(Listed { path: path.to_owned(), found, id: id.to_owned() })
}

/// `git cat-file --batch`, asked for one after the other.
struct Blobs {
    child: std::process::Child,
    answers: BufReader<std::process::ChildStdout>,
}

impl Blobs {
    fn open(folder: &Path) -> io::Result<Self> {
        let mut command = git(folder, &["--git-dir=.", "cat-file", "--batch"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let answers = child.stdout.take().map(BufReader::new).ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self { child, answers })
    }

    fn read(&mut self, id: &str) -> io::Result<Vec<u8>> {
        let missing = || io::Error::other("git does not have it");
        writeln!(self.child.stdin.as_mut().ok_or_else(missing)?, "{id}")?;
        let mut head = String::new();
        self.answers.read_line(&mut head)?;
        let size = head.trim_end().rsplit_once(" blob ").and_then(|(_, size)| size.parse::<usize>().ok());
        // A line break follows.
        let mut bytes = vec![0; size.ok_or_else(missing)? + 1];
        self.answers.read_exact(&mut bytes)?;
        bytes.pop();
        Ok(bytes)
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
