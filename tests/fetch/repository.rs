//! Repositories of packs, made by a real git.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) const HEAD: &str = "name: house\nversion: 0.1.0\n";
const CHANGES: &str = "- version: 0.1.0\n  what: the first version\n  why: every later one is told apart from it\n";
const LABELS: &str = "\
{% extends \"below\" %}
{% block labels %}
house.example/owner: {{ service.name }}
{% endblock %}
";
const FILES: [(&str, &str); 5] = [
    ("house/pack.yaml", HEAD),
    ("house/changes.yaml", CHANGES),
    ("house/templates/deploy/service/_labels.yaml.j2", LABELS),
    ("house/expected/rust/web/Dockerfile", "FROM scratch\n"),
    ("house/README.md", "# house\n"),
];

/// Nobody's configuration, and the same commits each time.
pub(crate) fn settle(command: &mut Command) -> &mut Command {
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).envs([
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_SYSTEM", "/dev/null"),
        ("GIT_AUTHOR_NAME", "a"),
        ("GIT_AUTHOR_EMAIL", "a@example.com"),
        ("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z"),
        ("GIT_COMMITTER_NAME", "a"),
        ("GIT_COMMITTER_EMAIL", "a@example.com"),
        ("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z"),
    ])
}

/// Runs git, with a text on its standard input.
pub(crate) fn git_with(folder: &Path, words: &[&str], input: &[u8]) -> String {
    let mut command = Command::new("git");
    settle(&mut command).current_dir(folder).args(words);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

pub(crate) fn git(folder: &Path, words: &[&str]) -> String {
    git_with(folder, words, b"")
}

/// A repository of packs.
pub(crate) struct Packs {
    pub(crate) folder: tempfile::TempDir,
}

impl Packs {
    pub(crate) fn empty(more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &[&["init", "--quiet", "--initial-branch", "main"], more, &["."]].concat());
        Self { folder }
    }

    /// With the pack `house`, tagged `v0.1.0`.
    pub(crate) fn house() -> Self {
        let packs = Self::empty(&[]);
        for (path, text) in FILES {
            packs.write(path, text);
        }
        packs.commit();
        packs.git(&["tag", "v0.1.0"]);
        packs
    }

    /// The same with a second version, tagged `v0.2.0`, and not with an annotation alone.
    pub(crate) fn two_versions() -> Self {
        let packs = Self::house();
        packs.write("house/pack.yaml", &HEAD.replace("0.1.0", "0.2.0"));
        let change = "- version: 0.2.0\n  what: every object names who pays\n  why: the bill was nobody's\n  \
                      templates: [ deploy/service/_labels.yaml ]\n";
        packs.write("house/changes.yaml", &format!("{change}{CHANGES}"));
        packs.label("house.example/pays: \"4711\"");
        packs.commit();
        packs.git(&["tag", "--annotate", "--message", "the second", "v0.2.0"]);
        packs
    }

    /// One more label on every object.
    pub(crate) fn label(&self, label: &str) {
        let text = LABELS.replace("{% endblock %}", &format!("{label}\n{{% endblock %}}"));
        self.write("house/templates/deploy/service/_labels.yaml.j2", &text);
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn git(&self, words: &[&str]) -> String {
        git(self.folder.path(), words)
    }

    pub(crate) fn commit(&self) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "packs"]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn url(&self) -> String {
        format!("file://{}", self.folder.path().display())
    }

    /// As it stands in a list of packs.
    pub(crate) fn named(&self, revision: &str) -> String {
        format!("{{ git: {}, ref: {revision}, folder: house }}", self.url())
    }

    pub(crate) fn hide(&self, text: &str) -> String {
        text.replace(self.folder.path().to_str().unwrap(), "/packs")
    }
}
