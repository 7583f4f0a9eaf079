//! Writes the shape of every kind that cofferdam knows, for one Kubernetes version, to standard output.
//!
//! `./generate` runs it once for each version and merges the results; see CONTRIBUTING.md.

use k8s_openapi::api;
use serde_json::{Map, Value, json};

macro_rules! kinds {
    ($($kind:path),+ $(,)?) => {
        fn kinds(generator: &mut schemars::SchemaGenerator) -> Map<String, Value> {
            let mut kinds = Map::new();
            $({
                use k8s_openapi::Resource;
                let schema = generator.subschema_for::<$kind>().to_value();
                kinds.insert(format!("{}/{}", <$kind as Resource>::API_VERSION, <$kind as Resource>::KIND), schema);
            })+
            kinds
        }
    };
}

kinds!(
    api::admissionregistration::v1::ValidatingAdmissionPolicy,
    api::admissionregistration::v1::ValidatingAdmissionPolicyBinding,
    api::apps::v1::DaemonSet,
    api::apps::v1::Deployment,
    api::apps::v1::ReplicaSet,
    api::apps::v1::StatefulSet,
    api::autoscaling::v2::HorizontalPodAutoscaler,
    api::batch::v1::CronJob,
    api::batch::v1::Job,
    api::core::v1::ConfigMap,
    api::core::v1::LimitRange,
    api::core::v1::Namespace,
    api::core::v1::PersistentVolume,
    api::core::v1::PersistentVolumeClaim,
    api::core::v1::Pod,
    api::core::v1::ReplicationController,
    api::core::v1::ResourceQuota,
    api::core::v1::Secret,
    api::core::v1::Service,
    api::core::v1::ServiceAccount,
    api::networking::v1::Ingress,
    api::networking::v1::IngressClass,
    api::networking::v1::NetworkPolicy,
    api::node::v1::RuntimeClass,
    api::policy::v1::PodDisruptionBudget,
    api::rbac::v1::ClusterRole,
    api::rbac::v1::ClusterRoleBinding,
    api::rbac::v1::Role,
    api::rbac::v1::RoleBinding,
    api::scheduling::v1::PriorityClass,
    api::storage::v1::StorageClass,
);

fn main() {
    let mut generator = schemars::generate::SchemaSettings::draft2020_12().into_generator();
    let kinds = kinds(&mut generator);
    let definitions: Map<String, Value> =
        generator.definitions().iter().map(|(name, schema)| (name.clone(), shape(schema))).collect();
    println!("{}", json!({ "kinds": kinds, "definitions": definitions }));
}

/// Only what says which keys there are: no descriptions, formats or defaults.
fn shape(schema: &Value) -> Value {
    let Value::Object(map) = schema else {
        return json!({});
    };
    let mut out = Map::new();
    for (key, value) in map {
        match key.as_str() {
            "$ref" => {
                out.insert(key.clone(), value.clone());
            }
            "properties" => {
                let properties =
                    value.as_object().into_iter().flatten().map(|(name, schema)| (name.clone(), shape(schema)));
                out.insert(key.clone(), Value::Object(properties.collect()));
            }
            "items" | "additionalProperties" => {
                out.insert(key.clone(), shape(value));
            }
            "type" => {
                let names: Vec<&str> = match value {
                    Value::String(name) => vec![name],
                    Value::Array(names) => {
                        names.iter().filter_map(Value::as_str).filter(|name| *name != "null").collect()
                    }
                    _ => vec![],
                };
                // Maps and lists show in what they hold; a bare `object` takes anything.
                if names.iter().any(|name| !["object", "array"].contains(name)) {
                    out.insert("type".to_owned(), json!("scalar"));
                }
            }
            // Optional references are written as a choice of the reference and null.
            "anyOf" | "allOf" => {
                for choice in value.as_array().into_iter().flatten() {
                    if let Value::Object(choice) = shape(choice) {
                        out.extend(choice.into_iter().filter(|(key, _)| key != "type"));
                    }
                }
            }
            _ => {}
        }
    }
    Value::Object(out)
}
