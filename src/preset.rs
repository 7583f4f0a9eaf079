//! Presets: one file per app type below a pack's `presets/`, holding everything that is special about it.

mod source;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::source::Source;

use crate::answers::layer::{Layer as _, layered};
use crate::answers::raw::{Origin, Raw};
use crate::answers::{Answers, ServiceAnswers, file};
use crate::pack::Layer;
use crate::problem::{Place, Problem, nearest, shown};
use crate::spec::word::{EnvName, PresetId, Sentence, Word};
use crate::yaml::read::read;

/// A preset as its file says it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct PresetFile {
    /// What people call this app type
    #[schemars(extend("examples" = ["Rust at house"]))]
    pub title: Option<Raw<Sentence>>,
    /// One sentence about it
    #[schemars(extend("examples" = ["a service as the house runs it"]))]
    pub summary: Option<Raw<Sentence>>,
    /// The preset that this one refines
    pub extends: Option<Raw<PresetId>>,
    /// The template below `templates/docker/`; none where the image exists already
    #[schemars(extend("examples" = ["rust"]))]
    pub dockerfile: Option<Raw<Word>>,
    /// The variable that tells the app its port
    pub port_variable: Option<Raw<EnvName>>,
    /// How an app of this type is recognised
    pub detect: DetectRule,
    /// What is right for an app of this type unless somebody says otherwise
    pub defaults: ServiceAnswers,
    /// Where each value stands, by its key.
    #[serde(skip)]
    lines: BTreeMap<String, usize>,
}

layered! {
    pub struct DetectRule {
        /// The readers of manifests (`src/detect/`) that know this kind of app
        pub readers: Option<Vec<Raw<Word>>>,
        /// Any of these among the app's dependencies makes it this type
        pub dependencies: Option<Vec<Raw<Word>>>,
        /// Other types that an app of this type looks like too
        pub before: Option<Vec<Raw<Word>>>,
        /// Any of these files makes it this type, where no reader knows the manifests
        pub files: Option<Vec<Raw<Word>>>,
        /// Answers that stand in a file of the app, found by a pattern
        pub facts: Option<Vec<FactRule>>,
    }
}

layered! {
    pub struct FactRule {
        /// The key of any question, or `version`
        #[schemars(extend("examples" = ["port"]))]
        pub key: Option<Raw<Word>>,
        /// The file it stands in, by its path or by the end of it
        #[schemars(extend("examples" = ["application.properties"]))]
        pub file: Option<Raw<Word>>,
        /// A regular expression whose first group is the value
        #[schemars(extend("examples" = ["server.port=([0-9]+)"]))]
        pub pattern: Option<Raw<Sentence>>,
    }
}

/// What the text of a preset extends.
pub(crate) fn parent(text: &str) -> Option<String> {
    let documents = read("", text).ok()?;
    Some(documents.first()?.to_kubernetes()["extends"].as_str()?.to_owned())
}

/// A preset with everything it inherits.
#[derive(Clone, Debug)]
pub struct Preset {
    pub id: String,
    /// The uppermost pack that has it.
    pub pack: String,
    pub title: String,
    pub summary: String,
    /// This preset's id first, then what it extends, up to the root.
    pub chain: Vec<String>,
    pub dockerfile: Option<String>,
    /// The Dockerfile of ours that it comes from, though a pack may write it with another: how an app is built goes by it.
    pub toolchain: Option<String>,
    pub port_variable: Option<String>,
    pub detect: DetectRule,
    pub defaults: ServiceAnswers,
    cases: BTreeMap<String, Answers>,
    /// The uppermost line that says something about each key.
    sources: BTreeMap<String, Source>,
}

impl Preset {
    /// What the container of an app of this type starts, for example.
    pub fn example_entry(&self) -> Option<&str> {
        let services = self.cases.values().flat_map(|answers| answers.services.values());
        services.filter_map(|service| service.build.entry.as_ref()).map(|entry| entry.text.as_str()).next()
    }

    /// All that it says, by key, and where. The keys of the defaults are those of a service in `cofferdam.yaml`.
    pub fn values(&self) -> Vec<(String, Value, &Source)> {
        let value = json!({
            "title": self.title,
            "summary": self.summary,
            "dockerfile": self.dockerfile.as_deref().unwrap_or("none"),
            "port-variable": self.port_variable,
            "detect": self.detect,
            "defaults": self.defaults,
        });
        let said = source::leaves(file::value(&value)).into_iter().filter_map(|(key, value)| {
            let source = self.sources.get(&key)?;
            Some((key.strip_prefix("defaults.").unwrap_or(&key).to_owned(), value, source))
        });
        said.collect()
    }

    /// The line that says something about a key.
    pub fn source(&self, key: &str) -> Option<&Source> {
        self.sources.get(key)
    }

    /// The examples that the tests render, by name.
    pub fn cases(&self) -> impl Iterator<Item = (&str, Answers)> {
        self.cases.keys().filter_map(|name| Some((name.as_str(), self.case(name)?)))
    }

    /// One of them. A service that names no preset is of this one.
    pub fn case(&self, name: &str) -> Option<Answers> {
        let mut answers = self.cases.get(name)?.clone();
        for service in answers.services.values_mut() {
            service.preset.get_or_insert_with(|| Raw::new(self.id.clone(), Origin::Default));
        }
        Some(answers)
    }
}

/// Presets by id.
#[derive(Clone, Debug)]
pub struct Presets(BTreeMap<String, Preset>);

impl Presets {
    /// The files that any of them looks into, as it names them.
    pub fn files_of_facts(&self) -> impl Iterator<Item = &str> {
        let facts = self.iter().flat_map(|preset| preset.detect.facts.iter().flatten());
        facts.filter_map(|fact| fact.file.as_ref()).map(|raw| raw.text.as_str())
    }

    /// Those of packs that lie on each other, with their cases. Of several by one name, the uppermost counts.
    pub fn read(layers: &[Layer]) -> Result<Self, Vec<Problem>> {
        let (mut problems, mut unread) = (Vec::new(), BTreeSet::new());
        let mut texts = Texts { layers, files: BTreeMap::new() };
        let mut cases = BTreeMap::<String, BTreeMap<String, Answers>>::new();
        let mut folders = BTreeMap::new();
        let schema = schemars::schema_for!(PresetFile).to_value();
        for (number, layer) in layers.iter().enumerate() {
            for (path, text) in &layer.files {
                let place = layer.path(path);
                if let Some(id) = id(path) {
                    match read_one(&place, text, &schema) {
                        Ok(file) => {
                            texts.files.insert((id.to_owned(), number), file);
                        }
                        Err(more) => {
                            problems.extend(more);
                            unread.insert(id.to_owned());
                        }
                    }
                } else if let Some((id, case)) = case(path) {
                    folders.insert(id.to_owned(), layer.path(&format!("cases/{id}")));
                    match file::read_at(&place, text) {
                        // The uppermost pack that has cases of a preset says what they are.
                        Ok(answers) => {
                            cases.entry(id.to_owned()).or_default().insert(case.to_owned(), answers);
                        }
                        Err(more) => problems.extend(more),
                    }
                }
            }
        }
        let ids: BTreeSet<String> = texts.files.keys().map(|(id, _)| id.clone()).collect();
        let mut presets = BTreeMap::new();
        for id in &ids {
            match texts.inherit(id) {
                Ok(preset) => {
                    presets.insert(id.clone(), Preset { cases: cases.remove(id).unwrap_or_default(), ..preset });
                }
                Err(problem) => problems.push(*problem),
            }
        }
        let is_known = |id: &String| ids.contains(id) || unread.contains(id);
        let stray = folders.into_iter().filter(|(id, _)| !is_known(id));
        problems.extend(stray.map(|(id, folder)| stray_cases(&id, folder, ids.iter())));
        if problems.is_empty() { Ok(Self(presets)) } else { Err(problems) }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Preset> {
        self.0.values()
    }

    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub fn get(&self, id: &str) -> Option<&Preset> {
        self.0.get(id)
    }

    /// The preset that `raw` names, or what to do about it.
    pub fn find(&self, raw: &Raw<PresetId>, key: &str) -> Result<&Preset, Problem> {
        self.get(&raw.text).ok_or_else(|| self.unknown(&raw.text, key).at(raw.origin.place()))
    }

    fn unknown(&self, id: &str, key: &str) -> Problem {
        let help = match nearest(id, self.ids()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                format!("one of {}; `image` fits any app whose image exists", self.ids().collect::<Vec<_>>().join(", "))
            }
        };
        Problem::new(format!("`{key}` is {}", shown(id)), "there is no such preset", help)
    }
}

/// Where a pack has a preset.
pub fn path_of(id: &str) -> String {
    format!("presets/{id}.yaml")
}

/// The preset that is in a file of a pack.
pub fn id(path: &str) -> Option<&str> {
    path.strip_prefix("presets/")?.strip_suffix(".yaml").filter(|id| !id.contains('/'))
}

/// The preset that a file of a pack is a case of, and the case's name.
pub fn case(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("cases/")?.strip_suffix(".yaml")?.split_once('/')
}

/// Cases of a preset that is not there.
fn stray_cases<'a>(id: &str, folder: String, known: impl Iterator<Item = &'a String>) -> Problem {
    let help = match nearest(id, known.map(String::as_str)) {
        Some(near) => format!("did you mean `cases/{near}`?"),
        None => format!("write `{}`, or remove the folder", path_of(id)),
    };
    Problem::new(format!("there is no preset {}", shown(id)), "each folder of cases has the name of a preset", help)
        .at(Some(Place::Path(folder)))
}

fn read_one(path: &str, text: &str, schema: &Value) -> Result<PresetFile, Vec<Problem>> {
    let documents = read(path, text)?;
    match documents.as_slice() {
        [document] => {
            let file: PresetFile = file::from_node(document, path, schema)?;
            Ok(PresetFile { lines: source::lines(document), ..file })
        }
        _ => Err(vec![
            Problem::new(
                "a preset is one YAML document",
                "this file holds none or several",
                "see an existing preset: `cofferdam preset show rust`",
            )
            .at(Some(Place::Path(path.to_owned()))),
        ]),
    }
}

/// Presets as their files say them, by name and by the number of the pack.
struct Texts<'l> {
    layers: &'l [Layer],
    files: BTreeMap<(String, usize), PresetFile>,
}

impl Texts<'_> {
    /// The uppermost of a name, below a pack.
    fn top(&self, id: &str, below: usize) -> Option<usize> {
        self.files.range((id.to_owned(), 0)..(id.to_owned(), below)).next_back().map(|((_, layer), _)| *layer)
    }

    /// What people call a preset of a pack.
    fn label(&self, id: &str, layer: usize) -> String {
        if layer == 0 { id.to_owned() } else { format!("{id} of {}", self.layers[layer].name) }
    }

    /// A preset, and what it extends up to the end. One that extends its own name takes up the one of a lower pack.
    fn chain(&self, id: &str) -> Result<Vec<(&str, usize, &PresetFile)>, Box<Problem>> {
        let mut chain: Vec<(&str, usize, &PresetFile)> = Vec::new();
        let (mut id, mut below) = (id.to_owned(), usize::MAX);
        loop {
            let place = chain.last().map(|(id, layer, _)| Place::Path(self.layers[*layer].path(&path_of(id))));
            let Some((key, file)) =
                self.top(&id, below).and_then(|layer| self.files.get_key_value(&(id.clone(), layer)))
            else {
                let known = self.files.keys().map(|(id, _)| id.as_str()).filter(|known| *known != id);
                let help = match nearest(&id, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "see `cofferdam preset list`".to_owned(),
                };
                let why = if below == usize::MAX { "there is no such preset" } else { "no lower pack has it" };
                return Err(Box::new(Problem::new(format!("`extends` is {}", shown(&id)), why, help).at(place)));
            };
            if chain.iter().any(|(id, layer, _)| (*id, *layer) == (&key.0, key.1)) {
                let names: Vec<&str> = chain.iter().map(|(id, ..)| *id).collect();
                return Err(Box::new(
                    Problem::new(
                        format!("`extends` goes in a circle: {} → {id}", names.join(" → ")),
                        "a preset takes what it does not say from the one that it extends, which must end somewhere",
                        "remove one `extends`",
                    )
                    .at(place),
                ));
            }
            chain.push((&key.0, key.1, file));
            let Some(parent) = &file.extends else {
                return Ok(chain);
            };
            below = if parent.text == id { key.1 } else { usize::MAX };
            id.clone_from(&parent.text);
        }
    }

    fn inherit(&self, id: &str) -> Result<Preset, Box<Problem>> {
        let chain = self.chain(id)?;
        let defaults = chain
            .iter()
            .map(|(id, layer, file)| from_preset(file.defaults.clone(), &self.label(id, *layer)))
            .reduce(|upper, lower| upper.over(lower))
            .unwrap_or_default();
        let first = |value: fn(&PresetFile) -> Option<String>| chain.iter().find_map(|(.., file)| value(file));
        let detect =
            chain.iter().map(|(of, _, file)| (*of, file.detect.clone())).reduce(|(of, upper), (lower_of, lower)| {
                // What makes an app a parent's type does not make it this one, but what a lower pack says about this one does.
                let own = if lower_of == id { lower.clone() } else { DetectRule::default() };
                let detect = DetectRule {
                    dependencies: upper.dependencies.over(own.dependencies),
                    before: upper.before.over(own.before),
                    files: upper.files.over(own.files),
                    readers: upper.readers.over(lower.readers),
                    facts: upper.facts.over(lower.facts),
                };
                (of, detect)
            });
        let mut sources = BTreeMap::new();
        for (id, layer, file) in chain.iter().rev() {
            let source =
                |line: &usize| Source { pack: self.layers[*layer].name.to_string(), file: path_of(id), line: *line };
            sources.extend(file.lines.iter().map(|(key, line)| (key.clone(), source(line))));
        }
        let mut ids: Vec<String> = chain.iter().map(|(id, ..)| (*id).to_owned()).collect();
        ids.dedup();
        let dockerfile = |file: &PresetFile| file.dockerfile.as_ref().map(|raw| raw.text.clone());
        Ok(Preset {
            id: id.to_owned(),
            pack: chain.first().map_or_else(String::new, |(_, layer, _)| self.layers[*layer].name.to_string()),
            title: first(|file| file.title.as_ref().map(|raw| raw.text.clone())).unwrap_or_else(|| id.to_owned()),
            summary: first(|file| file.summary.as_ref().map(|raw| raw.text.clone())).unwrap_or_default(),
            dockerfile: first(dockerfile).filter(|name| name != "none"),
            toolchain: chain.iter().filter(|(_, layer, _)| *layer == 0).find_map(|(.., file)| dockerfile(file)),
            port_variable: first(|file| file.port_variable.as_ref().map(|raw| raw.text.clone())),
            detect: detect.map(|(_, detect)| detect).unwrap_or_default(),
            cases: BTreeMap::new(),
            chain: ids,
            defaults,
            sources,
        })
    }
}

/// The same answers, remembering that a preset gave them.
fn from_preset(mut defaults: ServiceAnswers, label: &str) -> ServiceAnswers {
    let origin = Origin::Preset(label.to_owned());
    defaults.visit(&mut |raw_origin| *raw_origin = origin.clone());
    defaults
}
