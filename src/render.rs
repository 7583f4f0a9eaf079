//! `Plan` to `FileSet`.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::{Error, ErrorKind};

use crate::parallel;
use crate::plan::{Plan, PlannedFile, Subject};
use crate::problem::{Problem, nearest};
use crate::templates::{Source, Templates};

/// Rendered text by path below the project folder; not yet verified. Texts are shared, never copied, on their way to the
/// disk.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct FileSet(pub BTreeMap<String, Arc<str>>);

pub fn render(plan: &Plan) -> Result<FileSet, Vec<Problem>> {
    let mut subjects: BTreeMap<Subject, Vec<&PlannedFile>> = BTreeMap::new();
    for file in &plan.files {
        subjects.entry(file.subject).or_default().push(file);
    }
    let rendered = parallel::map(subjects.into_iter().collect(), |(subject, files)| {
        let values = plan.values(subject);
        let result = |file: &PlannedFile| {
            render_one(&plan.templates, file, &values)
                .map_err(|error| template_problem(&plan.templates, file, &values, &error))
        };
        files.into_iter().map(|file| (file, result(file))).collect::<Vec<_>>()
    });
    let mut files = BTreeMap::new();
    let mut problems = Vec::new();
    for (file, result) in rendered.into_iter().flatten() {
        match result {
            Ok(text) => {
                files.insert(file.path.clone(), text.into());
            }
            // What many files include is wrong once.
            Err(problem) if problems.contains(&problem) => {}
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(FileSet(files)) } else { Err(problems) }
}

fn render_one(templates: &Templates, file: &PlannedFile, values: &serde_json::Value) -> Result<String, Error> {
    templates.get(&file.template)?.render(minijinja::value::Serde(values))
}

/// What wrote line `line` of a file.
pub fn source_of(plan: &Plan, path: &str, line: usize) -> Option<Source> {
    let file = plan.files.iter().find(|file| file.path == path)?;
    let template = plan.templates.get(&file.template).ok()?;
    let (text, spans) = template.render_with_spans(minijinja::value::Serde(&plan.values(file.subject))).ok()?;
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

/// The lines of templates that a file was written from, by their files.
pub(crate) fn spans(plan: &Plan, file: &PlannedFile) -> Vec<(String, usize)> {
    let values = plan.values(file.subject);
    let Ok(template) = plan.templates.get(&file.template) else { return Vec::new() };
    let Ok((text, spans)) = template.render_with_spans(minijinja::value::Serde(&values)) else { return Vec::new() };
    let mut lines = Vec::new();
    for span in &spans {
        let source = plan.templates.place(span.name(), span.line());
        let more = text.get(span.output_range()).unwrap_or_default().matches('\n').count();
        lines.extend((0..=more).map(|line| (source.file.clone(), source.line + line)));
    }
    lines
}

fn template_problem(templates: &Templates, file: &PlannedFile, values: &serde_json::Value, error: &Error) -> Problem {
    // An error inside an include is wrapped once for each level; the innermost names the line.
    let mut innermost = error;
    while let Some(cause) = std::error::Error::source(innermost).and_then(|cause| cause.downcast_ref::<Error>()) {
        innermost = cause;
    }
    let source = templates.place(innermost.name().unwrap_or(&file.template), innermost.line().unwrap_or(1));
    let detail = innermost.detail().map_or_else(|| innermost.kind().to_string(), str::to_owned);
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
fn known(detail: &str, values: &serde_json::Value) -> String {
    let path = detail.split('`').nth(1).unwrap_or_default();
    let (above, last) = path.rsplit_once('.').unwrap_or(("", path));
    let pointer = above.split('.').filter(|part| !part.is_empty()).map(|part| format!("/{part}")).collect::<String>();
    let names = values.pointer(&pointer).and_then(serde_json::Value::as_object).into_iter().flat_map(|map| map.keys());
    let names: Vec<&str> = names.map(String::as_str).collect();
    match nearest(last, names.iter().copied()) {
        Some(near) if above.is_empty() => format!("did you mean `{near}`?"),
        Some(near) => format!("did you mean `{above}.{near}`?"),
        None if names.is_empty() => "test for it first: `{% if … is defined %}`".to_owned(),
        None => format!("there are {}", names.join(", ")),
    }
}
