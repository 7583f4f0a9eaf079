//! `Plan` to `FileSet`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use minijinja::value::Serde;
use minijinja::{Error, ErrorKind, Template};
use serde_json::Value;

use crate::parallel;
use crate::plan::{Plan, PlannedFile, Subject};
use crate::problem::{Problem, nearest, shown};
use crate::templates::placing::Kind;
use crate::templates::settling::{Fault, Misplaced, settle};
use crate::templates::{Source, Templates};

/// Rendered text by path below the project folder; not yet verified. Texts are shared, never copied, on their way to the
/// disk.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct FileSet(pub BTreeMap<String, Arc<str>>);

/// Lines of templates that something was written from, by the template as messages name it.
pub(crate) type Lines = BTreeMap<String, BTreeSet<usize>>;

pub fn render(plan: &Plan) -> Result<FileSet, Vec<Problem>> {
    in_time(plan, |plan| settled(plan, each(plan, |template, values| template.render(Serde(values)))?))
}

/// Longer than any project takes, on any machine.
const LONGEST: Duration = Duration::from_secs(20);

/// Templates of others are given up after a while: a step of theirs may cost more than any other.
fn in_time<T: Send + 'static>(plan: &Plan, make: fn(&Plan) -> Result<T, Vec<Problem>>) -> Result<T, Vec<Problem>> {
    if !plan.templates.are_layered() {
        return make(plan);
    }
    let (sender, receiver) = mpsc::channel();
    let plan = plan.clone();
    // It goes on until the process ends; nothing waits for it. What a template nests takes as much of the stack, which is
    // only reserved.
    let started = thread::Builder::new().stack_size(256 << 20).spawn(move || sender.send(make(&plan)));
    if let Err(error) = started {
        return Err(vec![Problem::internal("no thread can be started", error.to_string())]);
    }
    receiver.recv_timeout(LONGEST).unwrap_or_else(|error| {
        if error == RecvTimeoutError::Disconnected {
            return Err(vec![Problem::internal("rendering broke off", "its thread ended without a word")]);
        }
        let what = format!("the templates of packs take longer than {} seconds", LONGEST.as_secs());
        let help = "look for a loop that makes something longer each time";
        Err(vec![Problem::new(what, "one of them never ends, or takes more and more", help)])
    })
}

/// The same with the lines that it was written from, which takes longer.
pub(crate) fn render_with_lines(plan: &Plan) -> Result<(FileSet, Lines), Vec<Problem>> {
    in_time(plan, with_lines)
}

fn with_lines(plan: &Plan) -> Result<(FileSet, Lines), Vec<Problem>> {
    let (mut files, mut lines) = (BTreeMap::new(), Lines::new());
    for (path, (text, spans)) in each(plan, |template, values| template.render_with_spans(Serde(values)))? {
        for span in &spans {
            let source = plan.templates.place(span.name(), span.line());
            let more = text.get(span.output_range()).unwrap_or_default().matches('\n').count();
            lines.entry(source.file).or_default().extend(source.line..=source.line + more);
        }
        files.insert(path, text);
    }
    Ok((settled(plan, files)?, lines))
}

/// Each value stands where it can.
fn settled(plan: &Plan, texts: BTreeMap<String, String>) -> Result<FileSet, Vec<Problem>> {
    let mut files = BTreeMap::new();
    let mut problems = Vec::new();
    for (path, text) in texts {
        match settle(text, Kind::of(&path)) {
            Ok(text) => {
                files.insert(path, text.into());
            }
            Err(Misplaced { line, value, fault }) => {
                let Fault { what, why, help } = *fault;
                let what = format!("the value {} {what}", shown(&value));
                let problem = match source_of(plan, &path, line) {
                    Some(source) => source.problem(&what, why, help),
                    None => Problem::internal(format!("{path}:{line}: {what}"), why),
                };
                // What many files include is wrong once.
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
        }
    }
    if problems.is_empty() { Ok(FileSet(files)) } else { Err(problems) }
}

/// What `render` makes of each file, by its path.
fn each<T: Send>(
    plan: &Plan,
    render: impl Fn(&Template<'_, '_>, &Value) -> Result<T, Error> + Send + Sync,
) -> Result<BTreeMap<String, T>, Vec<Problem>> {
    let mut subjects: BTreeMap<Subject, Vec<&PlannedFile>> = BTreeMap::new();
    for file in &plan.files {
        subjects.entry(file.subject).or_default().push(file);
    }
    let rendered = parallel::map(subjects.into_iter().collect(), |(subject, files)| {
        let values = plan.values(subject);
        let result = |file: &PlannedFile| {
            plan.templates
                .get(&file.template, Kind::of(&file.path))
                .and_then(|template| render(&template, &values))
                .map_err(|error| template_problem(&plan.templates, file, &values, &error))
        };
        files.into_iter().map(|file| (file, result(file))).collect::<Vec<_>>()
    });
    let mut files = BTreeMap::new();
    let mut problems = Vec::new();
    for (file, result) in rendered.into_iter().flatten() {
        match result {
            Ok(rendered) => {
                files.insert(file.path.clone(), rendered);
            }
            // What many files include is wrong once.
            Err(problem) if problems.contains(&problem) => {}
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

/// What wrote line `line` of a file.
pub fn source_of(plan: &Plan, path: &str, line: usize) -> Option<Source> {
    let file = plan.files.iter().find(|file| file.path == path)?;
    let template = plan.templates.get(&file.template, Kind::of(&file.path)).ok()?;
    let (text, spans) = template.render_with_spans(Serde(&plan.values(file.subject))).ok()?;
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let end = start + text.lines().nth(line.saturating_sub(1))?.len();
    let span = spans.iter().find(|span| {
        let range = span.output_range();
        range.start < end.max(start + 1) && range.end > start
    })?;
    // A span that began on an earlier line of output began on an earlier line of its template too.
    let before = text.get(span.output_range().start..start).unwrap_or_default().matches('\n').count();
    Some(plan.templates.place(span.name(), span.line() + before))
}

fn template_problem(templates: &Templates, file: &PlannedFile, values: &Value, error: &Error) -> Problem {
    // An error inside an include is wrapped once for each level; the innermost names the line.
    let mut innermost = error;
    let mut causes = vec![error];
    while let Some(cause) = std::error::Error::source(innermost).and_then(|cause| cause.downcast_ref::<Error>()) {
        innermost = cause;
        causes.push(cause);
    }
    let place = |error: &Error| templates.place(error.name().unwrap_or(&file.template), error.line().unwrap_or(1));
    let mut detail = innermost.detail().map_or_else(|| innermost.kind().to_string(), str::to_owned);
    let mut source = place(innermost);
    // What a pack includes of ours, it includes where that is right.
    if source.is_ours
        && let Some(outer) = causes.iter().rev().map(|error| place(error)).find(|outer| !outer.is_ours)
    {
        detail.push_str(&format!(" (in {}:{})", source.file, source.line));
        source = outer;
    }
    match innermost.kind() {
        ErrorKind::OutOfFuel => source.problem(
            "this never ends, or takes too long",
            "a template has a number of steps that no file needs",
            "make its loops shorter",
        ),
        ErrorKind::UndefinedError => {
            source.problem(&detail, "templates place values that are there", known(&detail, values))
        }
        ErrorKind::SyntaxError => source.problem(
            "this is no template",
            detail,
            "compare it with https://docs.rs/minijinja/latest/minijinja/syntax/",
        ),
        _ => source.problem("this does not render", detail, "mend the template"),
    }
}

/// The name that was meant, or all that there are, for an undefined `a.b`.
pub(crate) fn known(detail: &str, values: &Value) -> String {
    let path = detail.split('`').nth(1).unwrap_or_default();
    let (above, last) = path.rsplit_once('.').unwrap_or(("", path));
    let pointer = above.split('.').filter(|part| !part.is_empty()).map(|part| format!("/{part}")).collect::<String>();
    let names = values.pointer(&pointer).and_then(Value::as_object).into_iter().flat_map(|map| map.keys());
    let names: Vec<&str> = names.map(String::as_str).collect();
    match nearest(last, names.iter().copied()) {
        Some(near) if above.is_empty() => format!("did you mean `{near}`?"),
        Some(near) => format!("did you mean `{above}.{near}`?"),
        None if names.is_empty() => "test for it first: `{% if … is defined %}`".to_owned(),
        None => format!("there are {}", names.join(", ")),
    }
}
