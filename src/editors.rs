//! What editors are told about the files that people write: a JSON Schema of each, so that they complete and check it.

use schemars::schema_for;
use serde_json::{Value, json};

use crate::answers::Answers;
use crate::pack;
use crate::preset::PresetFile;

/// A kind of file.
pub struct Written {
    /// What it is called, wherever it is.
    pub name: &'static str,
    schema: fn() -> Value,
}

pub static WRITTEN: &[Written] = &[
    Written { name: "cofferdam.yaml", schema: || schema_for!(Answers).to_value() },
    Written { name: "pack.yaml", schema: pack::head_schema },
    Written { name: "preset.yaml", schema: || schema_for!(PresetFile).to_value() },
    Written { name: "changes.yaml", schema: pack::changes_schema },
];

impl Written {
    pub fn json_schema(&self) -> Value {
        let mut schema = (self.schema)();
        schema["title"] = json!(self.name);
        close(&mut schema);
        schema
    }
}

/// Editors should point at unknown keys, and not at defaults that say nothing.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.remove("default");
            if map.contains_key("properties") && !map.contains_key("additionalProperties") {
                map.insert("additionalProperties".to_owned(), json!(false));
            }
            for (key, value) in map {
                match value {
                    // A key of those is a name, and may be `default` too.
                    Value::Object(named) if key == "properties" => named.values_mut().for_each(close),
                    value => close(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
