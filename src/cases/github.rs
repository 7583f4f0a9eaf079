use super::{Format, Results};
use crate::problem::Place;

pub(super) static FORMAT: Format = Format { name: "github", render };

/// Annotations as GitHub's runners read them from the output:
/// <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>.
fn render(results: &Results) -> String {
    let mut out = String::new();
    for case in &results.cases {
        for problem in case.result.as_ref().err().into_iter().flatten() {
            let place = match &problem.place {
                Some(Place::File { path, line, .. }) => format!(" file={},line={line}", property(path)),
                Some(Place::Path(path)) => format!(" file={}", property(path)),
                _ => String::new(),
            };
            let text = format!("{}: {}\nwhy: {}\nhelp: {}", case.name, problem.what, problem.why, problem.help);
            out.push_str(&format!("::error{place}::{}\n", data(&text)));
        }
    }
    for difference in &results.differences {
        let file = format!("{}/expected/{}", results.pack.trim_end_matches('/'), difference.path);
        let what = match (&difference.expected, &difference.found) {
            (None, _) => "is new",
            (_, None) => "is given by no case any more",
            _ => "is not as expected",
        };
        out.push_str(&format!(
            "::error file={}::{}\n",
            property(&file),
            data(&format!("this file {what}; `{}`", results.repair()))
        ));
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
