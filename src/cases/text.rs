use super::{Format, Results};

pub(super) static FORMAT: Format = Format { name: "text", render };

/// What is wrong, then a line for each kind of it. Differences are the shell's to show: it knows the terminal.
fn render(results: &Results) -> String {
    let mut out = String::new();
    // What is wrong with a template is wrong in many cases, and is told once.
    let mut failed: Vec<(String, Vec<&str>)> = Vec::new();
    for case in &results.cases {
        for problem in case.result.as_ref().err().into_iter().flatten().map(ToString::to_string) {
            match failed.iter_mut().find(|(told, _)| *told == problem) {
                Some((_, cases)) => cases.push(&case.name),
                None => failed.push((problem, vec![&case.name])),
            }
        }
    }
    for (problem, cases) in failed {
        let more =
            if cases.len() > 1 { format!(", and {} more", counted(cases.len() - 1, "case")) } else { String::new() };
        out.push_str(&format!("   failed  {}{more}\n{problem}", cases[0]));
    }
    for difference in &results.differences {
        let word = match (&difference.expected, &difference.found) {
            (None, _) => "new",
            (_, None) => "left over",
            _ => "changed",
        };
        out.push_str(&format!("{word:>9}  expected/{}\n", difference.path));
    }
    for line in &results.unreached {
        out.push_str(&format!("unreached  {line}\n"));
    }
    if let Some(line) = &results.untold {
        out.push_str(&format!("   untold  {line}\n"));
    }
    let failed = results.cases.iter().filter(|case| case.result.is_err()).count();
    out.push_str(&format!(
        "{}, {failed} failed; {} not as expected\n",
        counted(results.cases.len(), "case"),
        counted(results.differences.len(), "file")
    ));
    if !results.differences.is_empty() {
        out.push_str(&format!("read them, then `{}`\n", results.repair()));
    }
    out
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
