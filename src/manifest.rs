//! YAML text to typed Kubernetes objects that remember where each field stands. Strict: an unknown field is a problem.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{
    LimitRange, Namespace, PersistentVolumeClaim, Pod, PodSpec, ReplicationController, ResourceQuota, Secret, Service,
    ServiceAccount,
};
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::kubernetes::KubeVersion;
use crate::problem::{Place, Problem, nearest, shown};
use crate::schema;
use crate::yaml::node::{Node, Position};
use crate::yaml::read::read;

/// One object of one file.
#[derive(Debug)]
pub struct Object {
    pub path: String,
    pub api_version: String,
    pub kind: String,
    pub metadata: ObjectMeta,
    pub typed: Typed,
    /// The text of its file, and which document of it this is. Positions are looked up there when somebody asks:
    /// that is rare, and the tree of every file at once would be large.
    text: Arc<str>,
    document: usize,
}

/// The kinds that rules and joins look into; others are checked for their fields only.
#[derive(Debug)]
pub enum Typed {
    CronJob(Box<CronJob>),
    DaemonSet(Box<DaemonSet>),
    Deployment(Box<Deployment>),
    HorizontalPodAutoscaler(Box<HorizontalPodAutoscaler>),
    HttpRoute(Box<HttpRoute>),
    Ingress(Box<Ingress>),
    Job(Box<Job>),
    Kustomization(Box<Kustomization>),
    LimitRange(Box<LimitRange>),
    Namespace(Box<Namespace>),
    NetworkPolicy(Box<NetworkPolicy>),
    PersistentVolumeClaim(Box<PersistentVolumeClaim>),
    Pod(Box<Pod>),
    PodDisruptionBudget(Box<PodDisruptionBudget>),
    ReplicaSet(Box<ReplicaSet>),
    ReplicationController(Box<ReplicationController>),
    ResourceQuota(Box<ResourceQuota>),
    Secret(Box<Secret>),
    Service(Box<Service>),
    ServiceAccount(Box<ServiceAccount>),
    StatefulSet(Box<StatefulSet>),
    Other,
}

/// What we write of the Gateway API, strictly (<https://gateway-api.sigs.k8s.io/reference/spec/>).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpRoute {
    #[serde(rename = "apiVersion")]
    _api_version: String,
    #[serde(rename = "kind")]
    _kind: String,
    #[serde(rename = "metadata")]
    _metadata: ObjectMeta,
    pub spec: HttpRouteSpec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpRouteSpec {
    #[serde(rename = "parentRefs", default)]
    _parent_refs: Vec<ObjectReference>,
    #[serde(rename = "hostnames", default)]
    _hostnames: Vec<String>,
    #[serde(default)]
    pub rules: Vec<HttpRouteRule>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpRouteRule {
    #[serde(default)]
    pub backend_refs: Vec<ObjectReference>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObjectReference {
    pub name: String,
    #[serde(rename = "namespace")]
    _namespace: Option<String>,
    pub port: Option<i32>,
}

/// What is built of other files, and changed on the way (<https://kubectl.docs.kubernetes.io/references/kustomize/>).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Kustomization {
    #[serde(rename = "apiVersion")]
    _api_version: String,
    #[serde(rename = "kind")]
    _kind: String,
    #[serde(default)]
    pub resources: Vec<String>,
    #[serde(default)]
    pub images: Vec<OtherImage>,
    #[serde(default)]
    pub replicas: Vec<OtherCount>,
    #[serde(flatten)]
    pub rest: BTreeMap<String, Value>,
}

/// Another image instead of the one of a name.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OtherImage {
    pub name: String,
    pub new_name: Option<String>,
}

/// Another number of pods of what has a name.
#[derive(Debug, Deserialize)]
pub struct OtherCount {
    pub name: String,
    pub count: i32,
}

/// The pods that an object makes.
#[derive(Clone, Copy, Debug)]
pub struct Pods<'a> {
    pub object: &'a Object,
    pub spec: &'a PodSpec,
    pub labels: Option<&'a BTreeMap<String, String>>,
    pub annotations: Option<&'a BTreeMap<String, String>>,
    /// JSON pointer of the pod's `spec`.
    pub pointer: &'static str,
}

impl Object {
    pub fn name(&self) -> &str {
        self.metadata.name.as_deref().unwrap_or_default()
    }

    pub fn namespace(&self) -> &str {
        self.metadata.namespace.as_deref().unwrap_or_default()
    }

    /// `Deployment checkout`.
    pub fn title(&self) -> String {
        format!("{} {}", self.kind, self.name()).trim_end().to_owned()
    }

    pub fn locate(&self, pointer: &str) -> Position {
        self.node().map_or(Position { line: 1, column: 1 }, |node| node.locate(pointer))
    }

    fn node(&self) -> Option<Node> {
        read(&self.path, &self.text).ok()?.into_iter().nth(self.document)
    }

    /// The pointer of the field that begins on a line.
    pub fn field_at(&self, line: usize) -> Option<String> {
        self.node()?.pointer_at(line)
    }

    pub fn place(&self, pointer: &str) -> Place {
        let at = self.locate(pointer);
        Place::File { path: self.path.clone(), line: at.line, column: at.column }
    }

    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.metadata.annotations.as_ref()?.get(key).map(String::as_str)
    }

    pub fn pods(&self) -> Option<Pods<'_>> {
        let (spec, metadata, pointer) = match &self.typed {
            Typed::Pod(pod) => (pod.spec.as_ref()?, Some(&self.metadata), "/spec"),
            Typed::CronJob(job) => {
                let template = &job.spec.job_template.spec.as_ref()?.template;
                (template.spec.as_ref()?, template.metadata.as_ref(), "/spec/jobTemplate/spec/template/spec")
            }
            Typed::Deployment(set) => template(&set.spec.template)?,
            Typed::StatefulSet(set) => template(&set.spec.template)?,
            Typed::DaemonSet(set) => template(&set.spec.template)?,
            Typed::Job(job) => template(&job.spec.as_ref()?.template)?,
            Typed::ReplicaSet(set) => template(set.spec.template.as_ref()?)?,
            Typed::ReplicationController(set) => template(set.spec.as_ref()?.template.as_ref()?)?,
            _ => return None,
        };
        Some(Pods {
            object: self,
            spec,
            labels: metadata.and_then(|metadata| metadata.labels.as_ref()),
            annotations: metadata.and_then(|metadata| metadata.annotations.as_ref()),
            pointer,
        })
    }
}

type Template<'a> = (&'a PodSpec, Option<&'a ObjectMeta>, &'static str);

fn template(template: &k8s_openapi::api::core::v1::PodTemplateSpec) -> Option<Template<'_>> {
    Some((template.spec.as_ref()?, template.metadata.as_ref(), "/spec/template/spec"))
}

/// The objects of a file, or everything that is wrong with it for `version`.
pub fn parse(path: &str, text: &Arc<str>, version: KubeVersion) -> Result<Vec<Object>, Vec<Problem>> {
    objects(path, text, &read(path, text)?, version)
}

/// The same for a text that has been read to `nodes` already.
pub fn objects(path: &str, text: &Arc<str>, nodes: &[Node], version: KubeVersion) -> Result<Vec<Object>, Vec<Problem>> {
    let mut objects = Vec::new();
    let mut problems = Vec::new();
    for (document, node) in nodes.iter().enumerate() {
        match object(path, node, version, Source { text, document }) {
            Ok(object) => objects.push(object),
            Err(more) => problems.extend(more),
        }
    }
    if problems.is_empty() { Ok(objects) } else { Err(problems) }
}

/// Fields by kind and version: merged from k8s-openapi by `tools/kubernetes-schemas`.
fn schemas() -> &'static Value {
    static SCHEMAS: OnceLock<Value> = OnceLock::new();
    SCHEMAS.get_or_init(|| serde_json::from_str(include_str!("kubernetes/schemas.json")).unwrap_or_default())
}

/// Where an object stands.
struct Source<'a> {
    text: &'a Arc<str>,
    document: usize,
}

fn object(path: &str, node: &Node, version: KubeVersion, source: Source<'_>) -> Result<Object, Vec<Problem>> {
    let text = |key: &str| node.get(key).and_then(Node::text).unwrap_or_default().to_owned();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let here = |pointer: &str| {
        let at = node.locate(pointer);
        Some(Place::File { path: path.to_owned(), line: at.line, column: at.column })
    };
    if api_version.is_empty() || kind.is_empty() {
        return Err(vec![
            Problem::new(
                "this is no Kubernetes object",
                "an object has `apiVersion` and `kind`",
                "for example `apiVersion: v1` and `kind: Service`",
            )
            .at(here("")),
        ]);
    }
    let mut problems = Vec::new();
    let gvk = format!("{api_version}/{kind}");
    if let Some(versions) = schemas()["kinds"].get(&gvk) {
        let definition = &schemas()["definitions"]
            [versions[version.as_str()].as_u64().map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX))];
        for fault in schema::faults(schemas(), definition, node) {
            let what = format!("{} in {kind}, for Kubernetes {version}", fault.what);
            problems.push(Problem::new(what, fault.why, fault.help).at(here(&fault.pointer)));
        }
    } else if built_in_group(&api_version) {
        let known = schemas()["kinds"].as_object().into_iter().flat_map(serde_json::Map::keys).map(String::as_str);
        let help = match nearest(&gvk, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "see the Kubernetes API reference".to_owned(),
        };
        problems.push(
            Problem::new(
                format!("nobody knows {}", shown(&gvk)),
                "a Kubernetes group defines no such kind in this version",
                help,
            )
            .at(here("/kind")),
        );
    }
    let value = node.to_kubernetes();
    let metadata =
        value.get("metadata").cloned().and_then(|metadata| serde_json::from_value(metadata).ok()).unwrap_or_default();
    match typed(&gvk, value) {
        Ok(typed) if problems.is_empty() => Ok(Object {
            path: path.to_owned(),
            api_version,
            kind,
            metadata,
            typed,
            text: Arc::clone(source.text),
            document: source.document,
        }),
        Ok(_) => Err(problems),
        Err(error) => {
            problems.push(
                Problem::new(
                    format!("{kind} cannot be read"),
                    error.to_string(),
                    "compare it with the Kubernetes API reference",
                )
                .at(here("")),
            );
            Err(problems)
        }
    }
}

/// Groups whose kinds only Kubernetes itself defines; others belong to custom resources.
fn built_in_group(api_version: &str) -> bool {
    match api_version.split_once('/') {
        None => api_version == "v1",
        Some((group, _)) => {
            ["apps", "batch", "autoscaling", "policy", "networking.k8s.io", "rbac.authorization.k8s.io"]
                .contains(&group)
        }
    }
}

fn typed(gvk: &str, value: Value) -> Result<Typed, serde_json::Error> {
    fn of<T: DeserializeOwned>(value: Value, wrap: fn(Box<T>) -> Typed) -> Result<Typed, serde_json::Error> {
        serde_json::from_value(value).map(|object| wrap(Box::new(object)))
    }
    match gvk {
        "apps/v1/DaemonSet" => of(value, Typed::DaemonSet),
        "apps/v1/Deployment" => of(value, Typed::Deployment),
        "apps/v1/ReplicaSet" => of(value, Typed::ReplicaSet),
        "apps/v1/StatefulSet" => of(value, Typed::StatefulSet),
        "autoscaling/v2/HorizontalPodAutoscaler" => of(value, Typed::HorizontalPodAutoscaler),
        "batch/v1/CronJob" => of(value, Typed::CronJob),
        "batch/v1/Job" => of(value, Typed::Job),
        "gateway.networking.k8s.io/v1/HTTPRoute" => of(value, Typed::HttpRoute),
        "kustomize.config.k8s.io/v1beta1/Kustomization" => of(value, Typed::Kustomization),
        "networking.k8s.io/v1/Ingress" => of(value, Typed::Ingress),
        "networking.k8s.io/v1/NetworkPolicy" => of(value, Typed::NetworkPolicy),
        "policy/v1/PodDisruptionBudget" => of(value, Typed::PodDisruptionBudget),
        "v1/LimitRange" => of(value, Typed::LimitRange),
        "v1/Namespace" => of(value, Typed::Namespace),
        "v1/PersistentVolumeClaim" => of(value, Typed::PersistentVolumeClaim),
        "v1/Pod" => of(value, Typed::Pod),
        "v1/ReplicationController" => of(value, Typed::ReplicationController),
        "v1/ResourceQuota" => of(value, Typed::ResourceQuota),
        "v1/Secret" => of(value, Typed::Secret),
        "v1/Service" => of(value, Typed::Service),
        "v1/ServiceAccount" => of(value, Typed::ServiceAccount),
        _ => Ok(Typed::Other),
    }
}
