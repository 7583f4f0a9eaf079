//! Where packs come from, as the answers name it.

use std::fmt;

use crate::answers::raw::{Origin, Raw};
use crate::answers::{PackAnswers, file};
use crate::problem::{Place, Problem};
use crate::spec::pack::{PackPath, RepositoryUrl, Revision};
use crate::spec::path::RelPath;
use crate::yaml::read::read;

/// A pack that an answers file names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Named {
    pub source: Source,
    /// Where it is named.
    pub place: Option<Place>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// A folder of this machine, from the project's own.
    Folder(PackPath),
    /// What `preset fetch` gets, and keeps in the project.
    Repository(Repository),
}

/// A folder of a git repository.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Repository {
    pub url: RepositoryUrl,
    pub revision: Revision,
    /// None for all of it.
    pub folder: Option<RelPath>,
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.url, self.revision)?;
        self.folder.as_ref().map_or(Ok(()), |folder| write!(f, "/{folder}"))
    }
}

/// The packs that an answers file names. They are read before the rest of it: the packs say what some of its words are
/// called today.
pub fn named_in(text: &str) -> Result<Vec<Named>, Vec<Problem>> {
    let documents = read(file::NAME, text).unwrap_or_default();
    let Some(node) = documents.first().and_then(|document| document.get("packs")) else {
        return Ok(Vec::new());
    };
    let schema = schemars::schema_for!(Vec<PackAnswers>).to_value();
    let packs: Vec<PackAnswers> = file::from_node(node, file::NAME, &schema)?;
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for pack in &packs {
        match named(pack) {
            Ok(named) => all.push(named),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(all) } else { Err(problems) }
}

fn named(pack: &PackAnswers) -> Result<Named, Vec<Problem>> {
    let PackAnswers { path, git, r#ref, folder } = pack;
    let of_git = r#ref.as_ref().map(|raw| &raw.origin).or(folder.as_ref().map(|raw| &raw.origin));
    let (origin, what, why, help) = match (path, git, r#ref) {
        (Some(path), None, None) if folder.is_none() => {
            let source = Source::Folder(path.parse("path").map_err(|problem| vec![problem])?);
            return Ok(Named { source, place: path.origin.place() });
        }
        (None, Some(git), Some(r#ref)) => {
            let source = Source::Repository(repository(git, r#ref, folder.as_ref())?);
            return Ok(Named { source, place: git.origin.place() });
        }
        (Some(_), Some(git), _) => {
            (Some(&git.origin), "a pack has `path` and `git`", "a pack comes from one place", "remove one of them")
        }
        (Some(_), None, _) => (
            of_git,
            "a pack has `path`, and what belongs to `git`",
            "`ref` and `folder` say what of a repository is fetched, and this is a folder",
            "remove one of them",
        ),
        (None, Some(git), None) => (
            Some(&git.origin),
            "a pack has `git` and no `ref`",
            "what is fetched is named, so that a new version arrives when you want it",
            "for example `ref: v1.2.0`",
        ),
        (None, None, _) => (
            of_git,
            "a pack has neither `path` nor `git`",
            "a pack is named by its folder, or by a git repository",
            "for example `path: ../house`",
        ),
    };
    let place = origin.and_then(Origin::place).unwrap_or_else(|| Place::Path(file::NAME.to_owned()));
    Err(vec![Problem::new(what, why, help).at(Some(place))])
}

fn repository(
    git: &Raw<RepositoryUrl>,
    revision: &Raw<Revision>,
    folder: Option<&Raw<RelPath>>,
) -> Result<Repository, Vec<Problem>> {
    let url = git.parse("git").map_err(|mut problem| {
        if RepositoryUrl::has_secret(&git.text) {
            problem.what = "`git` has a password or a token in it".to_owned();
        }
        problem
    });
    match (url, revision.parse("ref"), folder.map(|folder| folder.parse("folder")).transpose()) {
        (Ok(url), Ok(revision), Ok(folder)) => {
            Ok(Repository { url, revision, folder: folder.filter(|folder| folder.as_str() != ".") })
        }
        (url, revision, folder) => Err([url.err(), revision.err(), folder.err()].into_iter().flatten().collect()),
    }
}
