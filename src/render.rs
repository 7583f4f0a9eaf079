//! `Plan` to `FileSet`.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Error;

use crate::parallel;
use crate::plan::{Plan, PlannedFile, Subject};
use crate::problem::Problem;
use crate::templates::Templates;

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
        files.into_iter().map(|file| (file, render_one(&plan.templates, file, &values))).collect::<Vec<_>>()
    });
    let mut files = BTreeMap::new();
    let mut problems = Vec::new();
    for (file, result) in rendered.into_iter().flatten() {
        match result {
            Ok(text) => {
                files.insert(file.path.clone(), text.into());
            }
            Err(error) => problems.push(template_problem(&plan.templates, file, &error)),
        }
    }
    if problems.is_empty() { Ok(FileSet(files)) } else { Err(problems) }
}

fn render_one(templates: &Templates, file: &PlannedFile, values: &serde_json::Value) -> Result<String, Error> {
    templates.get(&file.template)?.render(minijinja::value::Serde(values))
}

/// The template and line that wrote line `line` of a file.
pub fn source_of(plan: &Plan, path: &str, line: usize) -> Option<(String, usize)> {
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
    Some((plan.templates.file(span.name()), span.line() + before))
}

fn template_problem(templates: &Templates, file: &PlannedFile, error: &Error) -> Problem {
    // An error inside an include is wrapped once for each level; the innermost names the line.
    let mut innermost = error;
    while let Some(cause) = std::error::Error::source(innermost).and_then(|cause| cause.downcast_ref::<Error>()) {
        innermost = cause;
    }
    let name = templates.file(innermost.name().unwrap_or(&file.template));
    let line = innermost.line().unwrap_or(1);
    Problem::internal(format!("{name}:{line} does not render"), innermost.to_string())
}
