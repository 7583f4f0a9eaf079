//! The project folder: what is read from it. What a run writes there, it writes through `transaction`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use cofferdam::answers::file;
use cofferdam::lock::{self, Lock};
use cofferdam::pack::fetched::{self, Fetched};
use cofferdam::plan::Elsewhere;
use cofferdam::problem::{Place, Problem};
use cofferdam::reconcile::{OnDisk, Standing, moved};
use cofferdam::report::Verdict;
use cofferdam::verify::is_manifest;
use cofferdam::yaml::read::LARGEST;

use crate::{Failure, transaction};

/// A plain file whose bytes are no UTF-8.
pub(crate) const NOT_TEXT: &str = "not text";

pub(crate) const A_FOLDER: &str = "a folder";

/// A project's folder. Paths below it never leave it and never pass through a link.
pub(crate) struct Project {
    pub(crate) root: PathBuf,
}

impl Project {
    pub(crate) fn open(root: &Path) -> Result<Self, Failure> {
        match fs::metadata(root) {
            Ok(metadata) if metadata.is_dir() => Ok(Self { root: root.to_owned() }),
            Ok(_) => Err(problem(root, "this is not a folder", "name the folder of the app").into()),
            Err(error) => Err(problem(root, &error.to_string(), "name a folder that exists").into()),
        }
    }

    /// The folder's own name, for an app that has none.
    pub(crate) fn name(&self) -> String {
        let path = fs::canonicalize(&self.root).unwrap_or_else(|_| self.root.clone());
        path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// The text of the answers file.
    pub(crate) fn answers_text(&self) -> Result<String, Failure> {
        let path = self.root.join(file::NAME);
        let size = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(Problem::new(
                    format!("there is no {} in {}", file::NAME, self.root.display()),
                    "it holds the answers that everything is written from",
                    "start with `cofferdam init`",
                )
                .into());
            }
            Err(error) => return Err(problem(&path, &error.to_string(), "make it readable").into()),
        };
        if size > LARGEST as u64 {
            return Err(problem(
                &path,
                &format!("it is {size} bytes long; an answers file has at most {LARGEST}"),
                "check whether it is the file you meant",
            )
            .into());
        }
        let bytes = fs::read(&path).map_err(|error| problem(&path, &error.to_string(), "make it readable"))?;
        String::from_utf8(bytes).map_err(|error| {
            let line =
                error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
            let place = Place::File { path: file::NAME.to_owned(), line, column: 1 };
            Problem::new("this is not UTF-8", "YAML text is UTF-8", "save the file as UTF-8, without a byte order mark")
                .at(Some(place))
                .into()
        })
    }

    /// Nothing can be said about a tree that is half old and half new.
    pub(crate) fn refuse_interrupted(&self) -> Result<(), Failure> {
        if !transaction::is_committed(self) {
            return Ok(());
        }
        Err(damaged(
            Problem::new(
                "the last run was interrupted",
                "some files may be new and some old",
                "`cofferdam generate` completes it",
            )
            .at(Some(Place::Path(lock::FOLDER.to_owned()))),
        ))
    }

    /// What the last run wrote, unless it was interrupted or its record is damaged.
    pub(crate) fn lock(&self) -> Result<Lock, Failure> {
        self.refuse_interrupted()?;
        match fs::read_to_string(self.root.join(lock::PATH)) {
            Ok(text) => Lock::read(&text).map_err(damaged),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Lock::default()),
            Err(error) => Err(damaged(problem(Path::new(lock::PATH), &error.to_string(), "make it readable"))),
        }
    }

    /// The record of the packs that were fetched.
    pub(crate) fn fetched(&self) -> Result<Fetched, Failure> {
        self.refuse_interrupted()?;
        match self.on_disk(fetched::PATH) {
            Some(OnDisk::Text(text)) => Fetched::read(&text).map_err(damaged),
            Some(OnDisk::Other(kind)) => {
                let help = "move it away, then `cofferdam preset fetch`";
                Err(damaged(problem(Path::new(fetched::PATH), &format!("it is {kind}"), help)))
            }
            None => Ok(Fetched::default()),
        }
    }

    /// What the last run left, before anything of today is known: the lock with what a person has moved since, and the
    /// pristine texts.
    pub(crate) fn left(&self) -> Result<Standing, Failure> {
        let mut lock = self.lock()?;
        let mut bases = BTreeMap::new();
        for (path, entry) in &lock.files {
            let stored = fs::read_to_string(self.root.join(lock::base_path(&entry.base))).unwrap_or_default();
            if lock::digest(&stored) != entry.base {
                return Err(damaged(
                    Problem::new(
                        format!("the pristine text of {path} is missing or changed"),
                        "without it nobody can tell your edits from ours",
                        "restore it from version control: `git checkout HEAD -- .cofferdam`",
                    )
                    .at(Some(Place::Path(lock::base_path(&entry.base)))),
                ));
            }
            bases.insert(entry.base.clone(), Arc::from(stored));
        }
        let moved = self.moved(&lock, &bases);
        for (path, entry) in &mut lock.files {
            match moved.get(path) {
                Some(at) => entry.at = Some(at.clone()),
                // Moved once, and back since.
                None if entry.at.is_some() && self.on_disk(path).is_some() => entry.at = None,
                None => {}
            }
        }
        Ok(Standing { lock, bases, disk: BTreeMap::new() })
    }

    /// Files that are not where the plan has them: where a person moved them, or None for those that are gone.
    pub(crate) fn elsewhere(&self, lock: &Lock) -> Elsewhere {
        let gone = |path: &str| fs::symlink_metadata(self.root.join(path)).is_err();
        lock.files
            .iter()
            .filter_map(|(path, entry)| match &entry.at {
                Some(at) => Some((path.clone(), (!gone(at)).then(|| at.clone()))),
                None => gone(path).then(|| (path.clone(), None)),
            })
            .collect()
    }

    /// Everything else that `reconcile` compares: what stands at the files of the lock and at `wanted`, the new texts.
    /// Most often all three are one text, which is kept once.
    pub(crate) fn standing(&self, left: Standing, wanted: &BTreeMap<String, Arc<str>>) -> Standing {
        let shared = |path: &str, text: Arc<str>| match wanted.get(path) {
            Some(new) if **new == *text => Arc::clone(new),
            _ => text,
        };
        let mut bases = left.bases;
        for (path, entry) in &left.lock.files {
            if let Some(base) = bases.get_mut(&entry.base) {
                *base = shared(path, Arc::clone(base));
            }
        }
        let moved = left.lock.files.values().filter_map(|entry| entry.at.as_ref());
        let paths: BTreeSet<&String> = left.lock.files.keys().chain(wanted.keys()).chain(moved).collect();
        let on_disk = |path: &String| match self.on_disk(path)? {
            OnDisk::Text(text) => Some((path.clone(), OnDisk::Text(shared(path, text)))),
            other => Some((path.clone(), other)),
        };
        let disk = paths.into_iter().filter_map(on_disk).collect();
        Standing { lock: left.lock, bases, disk }
    }

    /// Where the objects of missing manifests stand now.
    fn moved(&self, lock: &Lock, bases: &BTreeMap<String, Arc<str>>) -> BTreeMap<String, String> {
        let place = |path: &String, entry: &lock::Entry| entry.at.clone().unwrap_or_else(|| path.clone());
        let missing: Vec<(&String, &Arc<str>)> = lock
            .files
            .iter()
            .filter(|(path, entry)| is_manifest(path) && self.on_disk(&place(path, entry)).is_none())
            .filter_map(|(path, entry)| Some((path, bases.get(&entry.base)?)))
            .collect();
        let folders: BTreeSet<&str> =
            missing.iter().filter_map(|(path, _)| path.split_once('/')).map(|(folder, _)| folder).collect();
        let mut others = BTreeMap::new();
        for folder in folders {
            self.manifests_below(folder, &mut others);
        }
        others.retain(|path, _| !lock.files.contains_key(path));
        let texts = others.iter().map(|(path, text)| (path.clone(), &**text)).collect();
        moved(missing.into_iter().map(|(path, text)| (path.as_str(), &**text)), &texts)
    }

    fn manifests_below(&self, folder: &str, found: &mut BTreeMap<String, Arc<str>>) {
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(self.root.join(&folder)).into_iter().flatten().flatten() {
                let (Ok(name), Ok(kind)) = (entry.file_name().into_string(), entry.file_type()) else { continue };
                let path = format!("{folder}/{name}");
                if kind.is_dir() && !name.starts_with('.') && name != "node_modules" {
                    folders.push(path);
                } else if kind.is_file()
                    && is_manifest(&path)
                    && let Some(OnDisk::Text(text)) = self.on_disk(&path)
                {
                    found.insert(path, text);
                }
            }
        }
    }

    /// The path below the project of a file that a person names from where they are. None where it is not below it.
    pub(crate) fn path_of(&self, named: &str) -> Option<String> {
        let root = fs::canonicalize(&self.root).ok()?;
        let mut path = PathBuf::new();
        for part in std::env::current_dir().ok()?.join(named).components() {
            match part {
                Component::ParentDir => {
                    path.pop();
                }
                Component::CurDir => {}
                part => path.push(part),
            }
        }
        path.strip_prefix(root).ok()?.to_str().map(str::to_owned)
    }

    /// The digests of all pristine texts that are stored, whether or not the lock refers to them.
    pub(crate) fn stored(&self) -> Vec<String> {
        let entries = fs::read_dir(self.root.join(lock::BASE)).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        names.filter(|name| lock::is_digest(name)).collect()
    }

    /// What stands at a path, without following any link on the way.
    pub(crate) fn on_disk(&self, path: &str) -> Option<OnDisk> {
        let mut current = self.root.clone();
        let parts: Vec<&str> = path.split('/').collect();
        for (index, part) in parts.iter().enumerate() {
            current.push(part);
            let metadata = fs::symlink_metadata(&current).ok()?;
            let last = index + 1 == parts.len();
            if metadata.is_symlink() {
                return Some(OnDisk::Other(if last { "a link" } else { "below a link" }));
            }
            match (last, metadata.is_dir()) {
                (false, false) => return Some(OnDisk::Other("below a file")),
                (true, true) => return Some(OnDisk::Other(A_FOLDER)),
                (true, false) if !metadata.is_file() => return Some(OnDisk::Other("a special file")),
                _ => {}
            }
        }
        match fs::read(&current).map(String::from_utf8) {
            Ok(Ok(text)) => Some(OnDisk::Text(text.into())),
            Ok(Err(_)) => Some(OnDisk::Other(NOT_TEXT)),
            Err(_) => Some(OnDisk::Other("not readable")),
        }
    }
}

pub(crate) fn problem(path: &Path, why: &str, help: &str) -> Problem {
    Problem::new(format!("cannot use {}", path.display()), why, help)
}

pub(crate) fn damaged(problem: Problem) -> Failure {
    Failure::Problems(Verdict::Damaged, vec![problem])
}
