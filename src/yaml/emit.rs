//! A value as a readable block of YAML: for `cofferdam.yaml`, which a person edits afterwards.

use serde_json::Value;

use super::scalar::{flow, string};

/// Longer lists and maps of plain values than this go one to a line.
const LINE: usize = 96;

pub fn emit(value: &Value) -> String {
    let mut out = String::new();
    block(value, 0, &mut out);
    out
}

/// Like [`emit`], as the value of a key that stands at `indent`.
pub fn block(value: &Value, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                out.push_str(&format!("{pad}{}:", string(key)));
                child(value, indent, out);
            }
        }
        Value::Array(items) => {
            for item in items {
                out.push_str(&format!("{pad}- {}\n", flow(item)));
            }
        }
        scalar => out.push_str(&format!("{pad}{}\n", flow(scalar))),
    }
}

fn child(value: &Value, indent: usize, out: &mut String) {
    let nested = |value: &Value| value.is_object() || value.is_array();
    let short = |text: &str| text.len() + indent < LINE;
    let line = flow(value);
    let one_line = match value {
        Value::Object(map) => map.is_empty() || indent >= 4 && !map.values().any(nested) && short(&line),
        Value::Array(items) => !items.iter().any(nested) && short(&line),
        _ => true,
    };
    if one_line {
        out.push_str(&format!(" {line}\n"));
    } else {
        out.push('\n');
        block(value, indent + 2, out);
    }
}
