//! The cases of a pack, held against what they are expected to give: what its authors read, and what their CI compares.

mod announced;
mod github;
mod junit;
mod reach;
mod seen;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use self::seen::seen;
use crate::answers::raw::{Origin, Raw};
use crate::answers::{Answers, file};
use crate::generate::planned;
use crate::kubernetes::KubeVersion;
use crate::pack::{Pack, Policy};
use crate::parallel;
use crate::plan::{Elsewhere, Plan};
use crate::preset;
use crate::problem::{Place, Problem};
use crate::questions::QUESTIONS;
use crate::render::{Lines, render, render_with_lines};
use crate::resolve::resolve;
use crate::verify::{Readings, VerifiedFileSet, verify_as_read};

pub struct Format {
    pub name: &'static str,
    pub render: fn(&Results) -> String,
}

pub static FORMATS: &[&Format] = &[&text::FORMAT, &github::FORMAT, &junit::FORMAT];

/// Files by their path below the project.
pub type Files = BTreeMap<String, Arc<str>>;

/// What a case came to.
pub struct Case {
    /// The preset's id, `/`, the case's own name.
    pub name: String,
    /// What it gives, for the Kubernetes version that it names, and verified for every one that allows it.
    pub result: Result<Files, Vec<Problem>>,
}

/// A file that is not as expected.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// The case that it is of.
    pub case: String,
    /// Below the folder of what is expected.
    pub path: String,
    /// None where nothing is expected there yet.
    pub expected: Option<Arc<str>>,
    /// None where no case gives it any more.
    pub found: Option<Arc<str>>,
}

pub struct Results {
    /// What was run, as its author names it.
    pub pack: String,
    pub cases: Vec<Case>,
    pub differences: Vec<Difference>,
    /// Lines of templates, presets, and keys of answers, that no case reaches, and questions and files that reach nothing.
    pub unreached: Vec<String>,
    /// What those who take the pack up are not told.
    pub untold: Option<String>,
}

impl Results {
    pub fn has_failed(&self) -> bool {
        self.cases.iter().any(|case| case.result.is_err())
    }

    fn differences_of(&self, case: &str) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(move |difference| difference.case == case)
    }

    /// What mends everything that is not as expected.
    fn repair(&self) -> String {
        format!("cofferdam preset test {} --update", self.pack)
    }
}

/// Runs every case of the uppermost pack. `expected` are the files below its folder of what is expected.
pub fn run(pack: &Pack, name: &str, expected: &Files) -> Result<Results, Vec<Problem>> {
    let Some(top) = pack.layers.last() else {
        return Err(vec![Problem::internal("there is no pack", "one is tested")]);
    };
    let untold = announced::untold(pack, top)?;
    let own: Vec<(String, String, Answers)> = top
        .files
        .keys()
        .filter_map(|path| Some((path, preset::case(path)?)))
        .filter_map(|(path, (id, case))| {
            Some((format!("{id}/{case}"), top.path(path), pack.presets.get(id)?.case(case)?))
        })
        .collect();
    // Only the lowest pack is about every answer there is; others are about what they ask.
    let is_lowest = pack.layers.len() == 1;
    let ours = QUESTIONS.iter().filter(|_| is_lowest).map(|question| question.key);
    if own.is_empty() {
        let help = "write one: what `cofferdam.yaml` of a project says, in `cases/PRESET/NAME.yaml`";
        return Err(vec![Problem::new("there is no case", "nothing would be tested", help).at(Some(top.head()))]);
    }
    let keys = ours.chain(top.asked.iter().map(|asked| asked.path.as_str()));
    let unanswered = reach::unanswered(keys, own.iter().map(|(.., answers)| answers));
    let results = parallel::map(own, |(name, path, answers)| match everywhere(pack, &answers) {
        Ok((files, lines)) => (Case { name, result: Ok(files.files().clone()) }, lines),
        Err(problems) => (Case { name, result: Err(of_case(problems, &path)) }, Lines::new()),
    });
    let (cases, lines): (Vec<Case>, Vec<Lines>) = results.into_iter().unzip();
    // What a case that cannot be rendered would reach, nobody knows.
    let is_complete = cases.iter().all(|case| case.result.is_ok());
    let mut unreached = if is_complete { reach::missed(top, &reach::joined(lines)) } else { Vec::new() };
    unreached.extend(reach::unused(top, &cases));
    unreached.extend(unanswered);
    unreached.extend(reach::unplaced(top));
    unreached.extend(reach::ignored(top));
    let differences = compare(&cases, expected);
    Ok(Results { pack: name.to_owned(), cases, differences, unreached, untold })
}

/// The same, where the answers stand in the file of a case.
fn of_case(problems: Vec<Problem>, path: &str) -> Vec<Problem> {
    let moved = problems.into_iter().map(|problem| match problem.place.as_ref().and_then(Place::path) {
        Some(file::NAME) => problem.within(path),
        _ => problem,
    });
    moved.collect()
}

/// A case for its own version of Kubernetes, if it holds for every other one that knows what it asks for.
fn everywhere(pack: &Pack, answers: &Answers) -> Result<(VerifiedFileSet, Lines), Vec<Problem>> {
    let project = resolve(answers, pack)?;
    let own = project.kubernetes;
    let plan = planned(project, answers, &Elsewhere::new(), pack)?;
    let (files, lines) = render_with_lines(&plan)?;
    let policies: Vec<&Policy> = pack.policies().collect();
    let readings = Readings::default();
    let verified =
        |files, plan: &Plan| verify_as_read(files, plan, &policies, |path, text| readings.read_alike(path, text));
    let files = verified(files, &plan)?;
    for version in KubeVersion::ALL.iter().filter(|version| **version != own) {
        let mut answers = answers.clone();
        answers.project.kubernetes = Some(Raw::new(version.as_str(), Origin::Default));
        // What a version does not have, a case that asks for it is not about.
        let Ok(project) = resolve(&answers, pack) else { continue };
        planned(project, &answers, &Elsewhere::new(), pack)
            .and_then(|plan| verified(render(&plan)?, &plan))
            .map_err(|problems| problems.into_iter().map(|problem| on(version, problem)).collect::<Vec<_>>())?;
    }
    Ok((files, lines))
}

fn on(version: &KubeVersion, problem: Problem) -> Problem {
    Problem { what: format!("{}, for Kubernetes {version}", problem.what), ..problem }
}

fn compare(cases: &[Case], expected: &Files) -> Vec<Difference> {
    let mut differences = Vec::new();
    for case in cases {
        let Ok(files) = &case.result else { continue };
        for (path, text) in files {
            let path = format!("{}/{path}", case.name);
            let expected = expected.get(&path).cloned();
            if expected.as_ref() != Some(text) {
                differences.push(Difference { case: case.name.clone(), path, expected, found: Some(Arc::clone(text)) });
            }
        }
    }
    let by_name: BTreeMap<&str, &Case> = cases.iter().map(|case| (case.name.as_str(), case)).collect();
    for (path, text) in expected {
        let case = path.match_indices('/').find_map(|(end, _)| by_name.get(&path[..end]));
        let is_given = case.is_some_and(|case| match &case.result {
            Ok(files) => files.contains_key(path.get(case.name.len() + 1..).unwrap_or_default()),
            // Nobody knows.
            Err(_) => true,
        });
        if !is_given {
            let case =
                case.map_or_else(|| path.split('/').take(2).collect::<Vec<_>>().join("/"), |case| case.name.clone());
            differences.push(Difference { case, path: path.clone(), expected: Some(Arc::clone(text)), found: None });
        }
    }
    differences
}
