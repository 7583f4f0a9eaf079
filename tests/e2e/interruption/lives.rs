//! The runs that are interrupted, each in a project that has been lived in.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::JOURNAL;
use super::run::{ok, struck};
use super::survey::Survey;
use super::tree::copy;
use crate::engine::Tools;

/// A run, and what may be said after it was interrupted.
pub(super) struct Life {
    pub(super) name: &'static str,
    pub(super) command: &'static [&'static str],
    /// Makes the project that it runs in.
    pub(super) prepare: fn(&Tools, &Path),
    /// Whether it begins with what an earlier run, killed right after its commit, has left to do.
    pub(super) is_left_unfinished: bool,
    /// A file that a person changed before it, and whether they take that back after it was killed.
    pub(super) edited: Option<(&'static str, TakenBack)>,
    /// Each leads to the new tree, or back to the old one.
    pub(super) next: &'static [(&'static str, Tree)],
}

#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum TakenBack {
    Yes,
    No,
}

#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Tree {
    Old,
    New,
}

pub(super) static LIVES: [&Life; 8] = [
    &INIT,
    &GENERATE,
    &UNDO,
    &UNDO_OF_REMOVED,
    &COMPLETED,
    &UNDO_COMPLETED,
    &MEETING_AN_EDIT,
    &MEETING_AN_EDIT_TAKEN_BACK,
];

pub(super) static INIT: Life = Life {
    name: "init",
    command: &["init", "--yes"],
    prepare: |_, root| copy(&example(), root),
    is_left_unfinished: false,
    edited: None,
    next: &[("init --yes", Tree::New)],
};
pub(super) static GENERATE: Life = Life {
    name: "generate",
    command: &["generate"],
    prepare: |_, root| lived_in(root),
    // A run that was not committed leaves nothing to undo but `init`, and that is refused because of the edits.
    next: &[("generate", Tree::New), ("undo", Tree::Old)],
    ..INIT
};
pub(super) static UNDO: Life = Life {
    name: "undo",
    command: &["undo"],
    prepare: |_, root| {
        lived_in(root);
        ok(root, &["generate"]);
    },
    next: &[("undo", Tree::New), ("generate", Tree::Old)],
    ..INIT
};
pub(super) static UNDO_OF_REMOVED: Life = Life {
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
pub(super) static COMPLETED: Life = Life {
    name: "completed",
    prepare: |tools, root| cut_off(tools, &GENERATE, root),
    is_left_unfinished: true,
    next: &[("generate", Tree::New)],
    ..GENERATE
};
pub(super) static UNDO_COMPLETED: Life = Life {
    name: "undo_completed",
    prepare: |tools, root| cut_off(tools, &UNDO_OF_REMOVED, root),
    is_left_unfinished: true,
    next: &[("undo", Tree::New)],
    ..UNDO
};
pub(super) static MEETING_AN_EDIT: Life = Life {
    name: "meeting_an_edit",
    prepare: |tools, root| {
        cut_off(tools, &GENERATE, root);
        let text = fs::read_to_string(root.join(EDITED)).unwrap();
        fs::write(root.join(EDITED), text + THEIRS).unwrap();
    },
    edited: Some((EDITED, TakenBack::No)),
    ..COMPLETED
};
pub(super) static MEETING_AN_EDIT_TAKEN_BACK: Life =
    Life { name: "meeting_an_edit_taken_back", edited: Some((EDITED, TakenBack::Yes)), ..MEETING_AN_EDIT };

/// A file that `generate` changes.
pub(super) const EDITED: &str = "deploy/notes/deployment.yaml";
pub(super) const THEIRS: &str = "# theirs\n";

pub(super) fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/rust-notes")
}

/// Two services, a person's edits and files, and answers that write, change and remove files.
pub(super) fn lived_in(root: &Path) {
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
pub(super) fn cut_off(tools: &Tools, life: &'static Life, root: &Path) {
    let survey = Survey::new(tools, life, &[]).unwrap();
    copy(&survey.folder.path().join("before"), root);
    let kill = survey.points[survey.commit() + 1].inject("signal=KILL");
    struck(tools, root, life.command, &[&kill]).unwrap();
    assert!(root.join(JOURNAL).exists());
}
