use super::{Format, Results};

pub(super) static FORMAT: Format = Format { name: "junit", render };

/// One suite, one test for each case.
fn render(results: &Results) -> String {
    let mut tests = String::new();
    let mut failures = 0;
    for case in &results.cases {
        let mut said: Vec<String> = case.result.as_ref().err().into_iter().flatten().map(ToString::to_string).collect();
        said.extend(results.differences_of(&case.name).map(|difference| format!("expected/{}", difference.path)));
        tests.push_str(&format!("    <testcase classname=\"{}\" name=\"{}\"", text(&results.pack), text(&case.name)));
        if said.is_empty() {
            tests.push_str("/>\n");
        } else {
            failures += 1;
            tests.push_str(&format!(
                ">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
                text(&format!("{} not as expected", said.len())),
                text(&said.join("\n"))
            ));
        }
    }
    // What no case gives any more.
    for difference in results.differences.iter().filter(|left| results.cases.iter().all(|case| case.name != left.case))
    {
        failures += 1;
        tests.push_str(&format!(
            "    <testcase classname=\"{}\" name=\"{}\">\n      <failure message=\"left over\"/>\n    </testcase>\n",
            text(&results.pack),
            text(&difference.path)
        ));
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\">\n{tests}  \
         </testsuite>\n</testsuites>\n",
        text(&results.pack),
        results.cases.len().max(tests.matches("<testcase ").count())
    )
}

/// Text in an element or an attribute. XML has no characters for the rest.
fn text(text: &str) -> String {
    let mut out = String::new();
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(char),
            char if char.is_control() => out.push('\u{fffd}'),
            char => out.push(char),
        }
    }
    out
}
