//! From one version of a pack to the next: what a person wrote stays, what is new arrives and is explained, and it does
//! not matter how many versions were left out.
#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use cofferdam::answers::file;
use cofferdam::generate::generate_around;
use cofferdam::lock::{self, Lock};
use cofferdam::pack::{self, Layer, Pack};
use cofferdam::plan::Elsewhere;
use cofferdam::reconcile::{Change, OnDisk, Standing, reconcile};
use cofferdam::report;
use cofferdam::upgrade::{Upgrade, upgrade};
use support::Project;

const DEPLOYMENT: &str = "deploy/checkout/deployment.yaml";
const POLICY: &str = "deploy/checkout/networkpolicy.yaml";

/// What changed in three versions of a pack, the third of which has today's files.
const CHANGES: &str = r#"
- version: 3.0.0
  what: new pods count only after five seconds
  why: a pod that crashes at once looked ready, and the rollout went on
  behaviour: a rollout takes five seconds longer for each pod
  templates: [ deploy/service/deployment.yaml ]
  answers: [ { at: services.*.checks, to: health } ]
- version: 2.0.0
  what: fewer old revisions are kept
  why: each one is an object that nobody looks at
  templates: [ deploy/service/deployment.yaml ]
- version: 2.0.0
  what: the policies have the name of their kind
  why: nobody found them
  templates: [ deploy/service/networkpolicy.yaml ]
  paths: [ { from: "{output}/{service}/netpol.yaml", to: "{output}/{service}/networkpolicy.yaml" } ]
  answers: [ { at: services.*.probes, to: checks } ]
- version: 2.0.0
  what: Rust apps get more memory
  why: 96Mi was too little for most
  behaviour: the namespace must have room for 32Mi more for each pod
  presets: [ rust ]
"#;

/// What earlier versions had in the place of what today's files have.
const EARLIER: [(u64, &str, &str, &str); 4] = [
    (2, "templates/deploy/service/deployment.yaml.j2", "minReadySeconds: 5", "minReadySeconds: 1"),
    (1, "templates/deploy/service/deployment.yaml.j2", "revisionHistoryLimit: 3", "revisionHistoryLimit: 10"),
    (1, "templates/docker/rust.Dockerfile.j2", "WORKDIR /src\nCOPY . .", "WORKDIR /build\nCOPY . ."),
    (1, "presets/rust.yaml", "memory: 128Mi }", "memory: 96Mi }"),
];

const ANSWERS: &str = "\
# ours
cofferdam: 1
project: shop
services:
  checkout:
    preset: rust
    image: ghcr.io/acme/checkout:1.4.2
    probes: { ready: /readyz, live: /livez } # as agreed
    build: { entry: checkout }
";

fn version(number: u64) -> Layer {
    let mut files = Layer::built_in().unwrap().files;
    files.insert("pack.yaml".to_owned(), format!("name: cofferdam\nversion: {number}.0.0\n").into());
    files.insert("changes.yaml".to_owned(), CHANGES.into());
    for (_, path, now, then) in EARLIER.iter().filter(|(last, ..)| number <= *last) {
        let text = &files[*path];
        assert_eq!(text.matches(now).count(), 1, "`{now}` in {path}");
        files.insert((*path).to_owned(), text.replace(now, then).into());
    }
    Layer::read("", files).unwrap()
}

/// A project in memory, with what its commands do to it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Tree {
    files: BTreeMap<String, Arc<str>>,
    lock: Lock,
    bases: BTreeMap<String, Arc<str>>,
}

impl Tree {
    fn new(answers: &str) -> Self {
        Self { files: [(file::NAME.to_owned(), answers.into())].into(), ..Self::default() }
    }

    /// As a run of `generate` with that version leaves it.
    fn generated(mut self, layer: &Layer) -> Self {
        self.generate(layer);
        self
    }

    /// `generate` with a version of the pack. Gives what changed, and what there is to tell.
    fn generate(&mut self, layer: &Layer) -> (BTreeMap<String, Change>, Option<Upgrade>) {
        let changes = match self.lock.packs.get(pack::BUILT_IN) {
            Some(pin) => layer.changes_since(&pin.version).unwrap(),
            // Whoever wrote these answers knew the first version.
            None => layer.changes_since(&"0.0.0".parse().unwrap()).unwrap(),
        };
        let text = pack::migrated(&self.files[file::NAME], &changes);
        let answers = file::read(&text).unwrap();
        let pack = Pack::read(vec![layer.clone()]).unwrap();
        let gone = |path: &&String| !self.files.contains_key(*path);
        let elsewhere: Elsewhere = self.lock.files.keys().filter(gone).map(|path| (path.clone(), None)).collect();
        let generated = generate_around(&answers, &pack, &elsewhere).unwrap();
        let disk = self.files.iter().map(|(path, text)| (path.clone(), OnDisk::Text(Arc::clone(text)))).collect();
        let standing = Standing { lock: self.lock.clone(), bases: self.bases.clone(), disk };
        let renamed = pack::moved(&generated.plan.project, &changes);
        let set = reconcile(&standing, &generated, &renamed, &BTreeMap::new());
        let upgrade = upgrade(&pack, &generated, &standing, &changes, &renamed);
        for (path, text) in set.writes {
            match text {
                Some(text) => self.files.insert(path, text),
                None => self.files.remove(&path),
            };
        }
        self.files.insert(file::NAME.to_owned(), text.into());
        (self.lock, self.bases) = (set.lock, set.bases);
        (set.changes.into_iter().map(|(path, change)| (path, change.change)).collect(), upgrade)
    }

    fn edit(&mut self, path: &str, from: &str, to: &str) {
        let text = &self.files[path];
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {path}");
        self.files.insert(path.to_owned(), text.replace(from, to).into());
    }

    /// As a person leaves it who works with it.
    fn lived_in(mut self) -> Self {
        self.edit(DEPLOYMENT, "replicas: 2", "replicas: 4 # the sale of November");
        self.edit(DEPLOYMENT, "revisionHistoryLimit: 10", "revisionHistoryLimit: 5 # auditors");
        self.edit(DEPLOYMENT, "      volumes:\n", "      # volumes of ours below\n      volumes:\n");
        self.edit("Dockerfile", "WORKDIR /app\n", "WORKDIR /app\nENV TZ=Europe/Berlin\n");
        self.edit(POLICY, "# Everything that is not listed here is denied", "# Ask Ada first. All else is denied");
        self.files.remove("deploy/checkout/disruptionbudget.yaml");
        self
    }

    /// With the names that the policies had in the first version.
    fn with_old_names(mut self) -> Self {
        let old = POLICY.replace("networkpolicy", "netpol");
        let text = self.files.remove(POLICY).unwrap();
        self.files.insert(old.clone(), text);
        let entry = self.lock.files.remove(POLICY).unwrap();
        self.lock.files.insert(old, entry);
        self
    }
}

#[test]
fn an_upgrade_in_one_step_is_an_upgrade_step_by_step() {
    let first = Tree::new(ANSWERS).generated(&version(1)).lived_in().with_old_names();
    let at_once = first.clone().generated(&version(3));
    let stepwise = first.clone().generated(&version(2)).generated(&version(3));
    assert_eq!(at_once, stepwise);
    let deployment = &at_once.files[DEPLOYMENT];
    for line in ["replicas: 4 # the sale of November", "minReadySeconds: 5", "# volumes of ours below", "memory: 128Mi"]
    {
        assert!(deployment.contains(line), "{line}\n{deployment}");
    }
    assert!(deployment.contains("revisionHistoryLimit: 5 # auditors"), "{deployment}");
    assert_eq!(at_once.lock.files[DEPLOYMENT].pending[0].at, "spec.revisionHistoryLimit");
    assert!(at_once.files[POLICY].starts_with("# Ask Ada first."), "the policy was followed, with its edit");
    assert!(!at_once.files.contains_key("deploy/checkout/netpol.yaml"));
    assert!(!at_once.files.contains_key("deploy/checkout/disruptionbudget.yaml"));
    let dockerfile = &at_once.files["Dockerfile"];
    assert!(dockerfile.contains("WORKDIR /src") && dockerfile.contains("ENV TZ=Europe/Berlin"), "{dockerfile}");
    assert_eq!(&*at_once.files[file::NAME], ANSWERS.replace("probes:", "health:"));
    // Nothing is left to do.
    let mut again = at_once.clone();
    again.generate(&version(3));
    assert_eq!(again, at_once);
}

#[test]
fn down_and_up_again_gives_the_same_bytes() {
    for lived_in in [false, true] {
        let mut first = Tree::new(&ANSWERS.replace("probes:", "health:")).generated(&version(1));
        if lived_in {
            first = first.lived_in();
        }
        let up = first.generated(&version(3));
        let down = up.clone().generated(&version(1));
        assert!(down.files[DEPLOYMENT].contains("minReadySeconds: 1"));
        assert_eq!(up, down.generated(&version(3)), "edited: {lived_in}");
    }
}

#[test]
fn an_upgrade_says_what_is_new_why_and_where() {
    let mut tree = Tree::new(ANSWERS).generated(&version(1)).with_old_names();
    let (_, upgrade) = tree.generate(&version(3));
    let upgrade = upgrade.unwrap();
    insta::with_settings!({ snapshot_path => "upgrades", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("explained", report::explained(&upgrade));
        insta::assert_snapshot!("announced", report::announcements(&upgrade));
    });
    assert!(tree.generate(&version(3)).1.is_none());
}

#[test]
fn a_project_of_a_newer_version_is_not_taken_back_by_accident() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    let version = format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION"));
    project.edit(lock::PATH, &version, "\"version\":\"99.0.0\"");
    let before = project.tree();
    let refused = project.run(&["generate"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("`cofferdam generate --downgrade`"), "{}", refused.stderr);
    assert_eq!(before, project.tree());
    assert!(project.run(&["check"]).stdout.contains("which is newer than this one"));
    project.ok(&["generate", "--downgrade"]);
    project.ok(&["generate"]);
}

#[test]
fn the_command_explains_what_is_new_since_the_lock() {
    let project = Project::example("rust-notes");
    project.ok(&["init", "--yes"]);
    let version = format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(project.ok(&["diff", "--explain"]).stdout.contains("are the ones that read it now"));
    project.edit(lock::PATH, &version, "\"version\":\"0.0.1\"");
    let told = project.ok(&["diff", "--explain"]).stdout;
    assert!(told.contains("0.1.0  the first version\n       why: "), "{told}");
    let json: serde_json::Value = serde_json::from_str(&project.ok(&["check", "--json"]).stdout).unwrap();
    assert_eq!(json["upgrade"]["news"][0]["since"], "0.1.0");
}

#[test]
fn a_list_of_changes_that_cannot_be_followed_is_refused_with_all_that_is_wrong() {
    let problems = |changes: &'static str| -> String {
        let mut layer = version(3);
        layer.files.insert("changes.yaml".to_owned(), changes.into());
        let problems = layer.changes_since(&"0.1.0".parse().unwrap()).unwrap_err();
        problems.iter().map(ToString::to_string).collect()
    };
    let text = [
        problems("- version: 1.0.0\n  what: it is so\n  whi: because\n"),
        problems(
            "- version: 1\n  what: it is so\n  why: because\n- version: 2.0.0\n  what: this too\n- version: 2.0.0\n  what: and this\n  why: because\n  paths: [ { from: ../x, to: y } ]\n",
        ),
        problems(
            "- version: 1.0.0\n  what: it is so\n  why: because\n- version: 2.0.0\n  what: this too\n  why: because\n",
        ),
    ];
    let text = text.join("---\n");
    insta::with_settings!({ snapshot_path => "upgrades", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("bad-changes", text);
    });
}
