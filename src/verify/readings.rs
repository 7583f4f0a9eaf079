//! What everybody reads in a text that we wrote: YAML 1.1 and YAML 1.2 must see the same, so that it does not matter who
//! reads it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize as _;
use serde_json::Value;

use crate::problem::{Place, Problem};
use crate::yaml::node::Node;
use crate::yaml::read::read;

/// The documents of a text.
pub(crate) type Documents = Arc<[Node]>;

/// Documents by their text, for those who verify nearly the same files again and again. Of a large project, all of them
/// would be larger than the files.
#[derive(Default)]
pub(crate) struct Readings(Mutex<BTreeMap<Arc<str>, Documents>>);

impl Readings {
    pub(crate) fn read_alike(&self, path: &str, text: &Arc<str>) -> Result<Documents, Vec<Problem>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(text).map(Arc::clone);
        if let Some(documents) = known {
            return Ok(documents);
        }
        let documents = read_alike(path, text)?;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(Arc::clone(text), Arc::clone(&documents));
        Ok(documents)
    }
}

pub(super) fn read_alike(path: &str, text: &Arc<str>) -> Result<Documents, Vec<Problem>> {
    let nodes = read(path, text)?;
    let new: Result<Vec<Value>, _> = serde_yaml::Deserializer::from_str(text).map(Value::deserialize).collect();
    let (what, why) = match new {
        Ok(new)
            if new
                .iter()
                .filter(|document| !document.is_null())
                .eq(&nodes.iter().map(Node::to_kubernetes).collect::<Vec<_>>()) =>
        {
            return Ok(nodes.into());
        }
        Ok(_) => ("YAML 1.1 and 1.2 read this differently", "it depends on the reader what is deployed".to_owned()),
        Err(error) => ("this is no valid YAML 1.2", error.to_string()),
    };
    Err(vec![Problem::new(what, why, "quote the value").at(Some(Place::Path(path.to_owned())))])
}
