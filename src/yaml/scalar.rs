//! A value as YAML text that every reader takes for the same value.
//!
//! A string stays plain only where YAML 1.1, YAML 1.2 and Kubernetes' own reader can all see nothing but that string.

use serde_json::Value;

use crate::problem::misleads;

/// One line: a scalar, or a flow list or map. Never more, whatever the value holds.
pub fn flow(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => string(text),
        Value::Array(items) => format!("[{}]", items.iter().map(in_flow).collect::<Vec<_>>().join(", ")),
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => {
            let entries: Vec<_> =
                map.iter().map(|(key, value)| format!("{}: {}", flow_string(key), in_flow(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

/// The same where nobody knows what is around it: inside `[…]` and `{…}` a comma would end a plain string, and readers differ
/// about `?`.
pub fn anywhere(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains([',', '?']) => quoted(text),
        other => flow(other),
    }
}

fn in_flow(value: &Value) -> String {
    match value {
        Value::String(text) => flow_string(text),
        other => flow(other),
    }
}

/// Inside `[…]` and `{…}` a comma or a bracket would end the value, and readers differ about `:` and `?`.
fn flow_string(text: &str) -> String {
    if text.contains([',', '[', ']', '{', '}', ':', '?']) { quoted(text) } else { string(text) }
}

pub fn string(text: &str) -> String {
    if may_be_plain(text) { text.to_owned() } else { quoted(text) }
}

fn may_be_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else {
        return false;
    };
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"];
    let lower = text.to_ascii_lowercase();
    // Digits, hex letters, exponents, times and dates: anything that some reader could take for a number.
    let number_like = (first.is_ascii_digit() || first == b'_')
        && lower.bytes().all(|byte| byte.is_ascii_hexdigit() || b"._:exob+-tz ".contains(&byte));
    bytes.len() <= 1024
        && (first.is_ascii_alphanumeric() || first == b'/' || first == b'_')
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:@+=,$() ~^;<>*\\|!?%&\"'`".contains(byte))
        && last != b' '
        && last != b':'
        && !text.contains(": ")
        && !text.contains(" #")
        && !words.contains(&lower.as_str())
        && !number_like
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            ' '..='~' => out.push(char),
            '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}' if !misleads(char) => {
                out.push(char);
            }
            _ if u32::from(char) < 0x100 => out.push_str(&format!("\\x{:02X}", u32::from(char))),
            _ => out.push_str(&format!("\\u{:04X}", u32::from(char))),
        }
    }
    out.push('"');
    out
}
