//! How a person's edits make a deployment weaker than what would be written, beyond what any rule says of an object alone.

use std::collections::BTreeSet;

use super::moved::objects;
use crate::generate::Generated;
use crate::manifest::{Object, Typed};
use crate::netpol::{Connection, End, connections};
use crate::problem::{Place, Problem};

/// `kept` are the files with edits, by planned path, with where they stand; `theirs` are all objects as they stand.
pub fn drift(generated: &Generated, kept: &[(&str, &str)], theirs: &[Object]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let name = |object: &Object| {
        let of = |part: &Option<String>| part.clone().unwrap_or_default();
        format!("{} {}/{}", object.kind, of(&object.metadata.namespace), of(&object.metadata.name))
    };
    let there: BTreeSet<String> = theirs.iter().map(name).collect();
    for (path, place) in kept {
        let Some(text) = generated.files.files().get(*path).filter(|_| generated.plan.guards(path)) else {
            continue;
        };
        for gone in objects(text).difference(&there) {
            problems.push(weaker(
                path,
                place,
                format!("`{gone}` is gone from it"),
                "the deployment is less protected without it",
            ));
        }
    }
    problems.extend(unlisted(generated, kept, theirs));
    problems.extend(opened(generated, kept, theirs));
    problems
}

fn weaker(path: &str, place: &str, what: String, why: &str) -> Problem {
    Problem::new(what, why, format!("`cofferdam restore {path}` brings back what was written"))
        .at(Some(Place::Path(place.to_owned())))
}

/// Guards that the list of what is applied names no more.
fn unlisted(generated: &Generated, kept: &[(&str, &str)], theirs: &[Object]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, place) in kept {
        let here = theirs.iter().filter(|object| object.path == *place);
        let lists: Vec<_> = here
            .filter_map(|object| match &object.typed {
                Typed::Kustomization(kustomization) => Some(kustomization),
                _ => None,
            })
            .collect();
        let folder = place.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        for guard in generated.plan.files.iter().filter(|file| generated.plan.guards(&file.path)) {
            let name = guard.path.strip_prefix(&folder).unwrap_or(&guard.path);
            let elsewhere = generated.plan.elsewhere.contains_key(&guard.path);
            let is_listed = lists.iter().any(|list| list.resources.iter().any(|resource| resource == name));
            if !lists.is_empty() && !is_listed && !elsewhere {
                let what = format!("`{name}` is not listed any more");
                problems.push(weaker(path, place, what, "nothing applies it, and the deployment is less protected"));
            }
        }
    }
    problems
}

/// Connections that edited policies allow and that nobody declared.
fn opened(generated: &Generated, kept: &[(&str, &str)], theirs: &[Object]) -> Vec<Problem> {
    let is_policy = |object: &&Object| matches!(object.typed, Typed::NetworkPolicy(_));
    let edited = kept.iter().find(|(_, place)| theirs.iter().filter(is_policy).any(|object| object.path == *place));
    let Some((path, place)) = edited else {
        return Vec::new();
    };
    let files = generated.files.files().iter().filter(|(path, _)| crate::verify::is_manifest(path));
    let ours: Vec<Object> = files
        .filter_map(|(path, text)| crate::manifest::parse(path, text, generated.plan.project.kubernetes).ok())
        .flatten()
        .collect();
    let declared = connections(&ours);
    let undeclared = connections(theirs).into_iter().filter(|found| !declared.iter().any(|known| covers(known, found)));
    let problem = |connection: Connection| {
        let Connection { from, to, ports } = connection;
        let what = format!("it lets {} connect to {}: {ports}", shown(&from), shown(&to));
        let mut problem = weaker(path, place, what, "whatever is not declared in cofferdam.yaml is to be denied");
        problem.help = format!("declare it there (`allow-from`, `talks-to`), or {}", problem.help);
        problem
    };
    undeclared.map(problem).collect()
}

fn covers(known: &Connection, found: &Connection) -> bool {
    let end = |known: &End, found: &End| match (known, found) {
        (End::Addresses(known), End::Addresses(found)) => known.holds(found),
        (known, found) => known == found,
    };
    end(&known.from, &found.from) && end(&known.to, &found.to) && known.ports.intersection(&found.ports) == found.ports
}

fn shown(end: &End) -> String {
    match end {
        End::Pods { kind, name, .. } => format!("the pods of {kind}/{name}"),
        End::Addresses(_) => "addresses outside".to_owned(),
    }
}
