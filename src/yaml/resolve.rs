//! What a plain scalar means to Kubernetes.
//!
//! The API server and kubectl read manifests with sigs.k8s.io/yaml, which resolves plain scalars by go-yaml v2's
//! mostly YAML 1.1 rules: `on` is true, `0644` is 420, `1_000` is 1000, `12:30` is a string.

use serde_json::{Number, Value};

pub fn resolve(text: &str) -> Value {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::Bool(false),
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        _ => number(text).map_or_else(|| Value::from(text), Value::Number),
    }
}

fn number(text: &str) -> Option<Number> {
    let first = *text.as_bytes().first()?;
    if first == b'.' {
        return float(text);
    }
    if !(first.is_ascii_digit() || first == b'+' || first == b'-') {
        return None;
    }
    let text = text.replace('_', "");
    integer(&text).or_else(|| float(&text))
}

fn integer(text: &str) -> Option<Number> {
    let (negative, body) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let prefixed = |radix, prefix: &str| body.strip_prefix(prefix).map(|digits| (radix, digits));
    let (radix, digits) = prefixed(16, "0x")
        .or_else(|| prefixed(16, "0X"))
        .or_else(|| prefixed(2, "0b"))
        .or_else(|| prefixed(8, "0o"))
        .or_else(|| if body == "0" { None } else { prefixed(8, "0") })
        .unwrap_or((10, body));
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if negative { i64::try_from(-i128::from(magnitude)).ok().map(Number::from) } else { Some(Number::from(magnitude)) }
}

fn float(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(exponent) = exponent {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if exponent.is_empty() || !digits(exponent) {
            return None;
        }
    }
    let valid = match mantissa.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()),
        None => !mantissa.is_empty() && digits(mantissa),
    };
    if !valid {
        return None;
    }
    let value: f64 = text.strip_prefix('+').unwrap_or(text).parse().ok()?;
    // Go writes a whole float as an integer when it turns YAML into JSON.
    if value.fract() == 0.0 && value.abs() < 9.0e15 {
        #[expect(clippy::cast_possible_truncation, reason = "the bound is checked on the line above")]
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}
