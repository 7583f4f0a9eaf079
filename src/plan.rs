//! `ProjectSpec` to `Plan`: which files, from which template, with which values, and why. The one table of outputs.

mod clash;
mod docker;
mod extra;
mod network;
mod pod;
mod project;
mod quota;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

pub use self::network::{Flow, Peer, flows};
use crate::answers::file;
use crate::pack::Pack;
use crate::problem::{Place, Problem};
use crate::spec::network::Via;
use crate::spec::service::{Ci, Controller, ProjectSpec, ServiceSpec, Workload};
use crate::templates::Templates;

#[derive(Clone, Debug)]
pub struct Plan {
    pub project: ProjectSpec,
    pub files: Vec<PlannedFile>,
    pub elsewhere: Elsewhere,
    pub(crate) templates: Arc<Templates>,
    /// Paths of what packs write beyond ours.
    extra: Vec<String>,
    flows: Vec<Flow>,
}

/// By planned path, files that are not there: where a person moved them, or None where they were deleted. Then nothing
/// refers to them.
pub type Elsewhere = BTreeMap<String, Option<String>>;

#[derive(Clone, Debug)]
pub struct PlannedFile {
    /// Below the project folder.
    pub path: String,
    /// Below `templates/`, without `.j2`.
    pub template: String,
    /// One line for the person who decides whether to have it.
    pub why: String,
    pub subject: Subject,
}

/// What a file is about. Files with the same subject place the same values.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Subject {
    /// The whole project, by the row of its outputs.
    Project(usize),
    /// The service at this place in the project.
    Service(usize),
    /// The whole project with its services: what a pack writes once.
    Whole,
}

/// A file that the whole project has once.
struct ProjectOutput {
    template: &'static str,
    path: fn(&ProjectSpec) -> Option<String>,
    why: &'static str,
    values: fn(&Plan) -> Value,
}

/// A file that each service may have.
struct ServiceOutput {
    template: Template,
    file: &'static str,
    wanted: fn(&ServiceSpec) -> bool,
    why: &'static str,
}

enum Template {
    /// Below the manifests' folder, in the service's own.
    Manifest(&'static str),
    Dockerfile,
    Ignore,
}

static PROJECT_OUTPUTS: &[ProjectOutput] = &[
    ProjectOutput {
        template: "deploy/README.md",
        path: |project| Some(project.output.join("README.md")),
        why: "what this is, who may talk to whom, how to apply it",
        values: |plan| project::readme(&plan.project),
    },
    ProjectOutput {
        template: "deploy/kustomization.yaml",
        path: |project| Some(project.output.join("kustomization.yaml")),
        why: "so that `kubectl apply -k` takes everything, in order",
        values: project::kustomization,
    },
    ProjectOutput {
        template: "deploy/namespace.yaml",
        path: |project| Some(project.output.join("namespace.yaml")),
        why: "the namespace, which refuses weaker pods; its default account without a token",
        values: |plan| view::project_only(&plan.project),
    },
    ProjectOutput {
        template: "deploy/guardrails.yaml",
        path: |project| Some(project.output.join("guardrails.yaml")),
        why: "quota and limits that hold the largest rollout; default-deny network",
        values: |plan| quota::values(&plan.project),
    },
    ProjectOutput {
        template: "ci/github.yaml",
        path: |project| (project.ci == Ci::GitHub).then(|| ".github/workflows/cofferdam.yaml".to_owned()),
        why: "pipeline: build, refuse critical vulnerabilities, check the manifests",
        values: |plan| project::pipeline(&plan.project),
    },
    ProjectOutput {
        template: "ci/gitlab.yaml",
        path: |project| (project.ci == Ci::GitLab).then(|| ".gitlab-ci.yml".to_owned()),
        why: "pipeline: build, refuse critical vulnerabilities, check the manifests",
        values: |plan| project::pipeline(&plan.project),
    },
];

static SERVICE_OUTPUTS: &[ServiceOutput] = &[
    ServiceOutput {
        template: Template::Manifest("serviceaccount"),
        file: "serviceaccount.yaml",
        wanted: |_| true,
        why: "who the pods are: an account without rights or token",
    },
    ServiceOutput {
        template: Template::Manifest("deployment"),
        file: "deployment.yaml",
        wanted: |service| service.controller() == Controller::Deployment,
        why: "the pods: hardened, with writable paths, checks and limits",
    },
    ServiceOutput {
        template: Template::Manifest("statefulset"),
        file: "statefulset.yaml",
        wanted: |service| service.controller() == Controller::StatefulSet,
        why: "the pods and the volumes they keep: hardened, with checks and limits",
    },
    ServiceOutput {
        template: Template::Manifest("cronjob"),
        file: "cronjob.yaml",
        wanted: |service| service.controller() == Controller::CronJob,
        why: "when it runs, and the pod: hardened, with writable paths and limits",
    },
    ServiceOutput {
        template: Template::Manifest("job"),
        file: "job.yaml",
        wanted: |service| service.controller() == Controller::Job,
        why: "the pod that runs once: hardened, with writable paths and limits",
    },
    ServiceOutput {
        template: Template::Manifest("claims"),
        file: "claims.yaml",
        wanted: |service| service.workload == Workload::Scheduled && service.kept().next().is_some(),
        why: "the volumes that the runs share",
    },
    ServiceOutput {
        template: Template::Manifest("service"),
        file: "service.yaml",
        wanted: |service| service.port.is_some() || service.controller() == Controller::StatefulSet,
        why: "the name and port that others find it at",
    },
    ServiceOutput {
        template: Template::Manifest("networkpolicy"),
        file: "networkpolicy.yaml",
        wanted: |_| true,
        why: "who may talk to it and whom it may talk to; nothing else",
    },
    ServiceOutput {
        template: Template::Manifest("disruptionbudget"),
        file: "disruptionbudget.yaml",
        wanted: |service| {
            matches!(service.controller(), Controller::Deployment | Controller::StatefulSet)
                && service.replicas.min.get() >= 2
        },
        why: "nodes are drained one pod at a time",
    },
    ServiceOutput {
        template: Template::Manifest("autoscaler"),
        file: "autoscaler.yaml",
        wanted: ServiceSpec::scales,
        why: "how many pods the load asks for",
    },
    ServiceOutput {
        template: Template::Manifest("httproute"),
        file: "httproute.yaml",
        wanted: |service| service.expose.as_ref().is_some_and(|expose| expose.via == Via::Gateway),
        why: "from the gateway to the service",
    },
    ServiceOutput {
        template: Template::Manifest("ingress"),
        file: "ingress.yaml",
        wanted: |service| service.expose.as_ref().is_some_and(|expose| expose.via == Via::Ingress),
        why: "from the ingress controller to the service, with TLS",
    },
    ServiceOutput {
        template: Template::Dockerfile,
        file: "",
        wanted: |service| service.build.is_some(),
        why: "the image: multi-stage, no root, no package manager in the end",
    },
    ServiceOutput {
        template: Template::Ignore,
        file: "",
        wanted: |service| service.build.is_some(),
        why: "what must not get into the image",
    },
];

pub fn plan(project: ProjectSpec, elsewhere: &Elsewhere, pack: &Pack) -> Result<Plan, Vec<Problem>> {
    let mut files = Vec::new();
    for (row, output) in PROJECT_OUTPUTS.iter().enumerate() {
        if let Some(path) = (output.path)(&project) {
            let template = output.template.to_owned();
            files.push(PlannedFile { path, template, why: output.why.to_owned(), subject: Subject::Project(row) });
        }
    }
    for (place, service) in project.services.iter().enumerate() {
        for output in SERVICE_OUTPUTS.iter().filter(|output| (output.wanted)(service)) {
            let (path, template) = output.place(&project, service);
            files.push(PlannedFile { path, template, why: output.why.to_owned(), subject: Subject::Service(place) });
        }
    }
    let (mut paths, mut problems) = (BTreeSet::new(), Vec::new());
    for file in &files {
        problems.extend(clash::clash(&file.path, &paths).map(|(what, why)| {
            let help = "give `output` another folder, or `build.dockerfile` of the service another name";
            Problem::new(what, why, help).at(Some(Place::Path(file::NAME.to_owned())))
        }));
        paths.insert(file.path.clone());
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let templates = Arc::clone(&pack.templates);
    let mut plan =
        Plan { flows: flows(&project), files, elsewhere: elsewhere.clone(), templates, extra: Vec::new(), project };
    let extra = extra::files(&plan, pack)?;
    plan.extra = extra.iter().map(|file| file.path.clone()).collect();
    plan.files.extend(extra);
    plan.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(plan)
}

/// Templates of what protects a deployment, whether or not anything else needs it.
static GUARDS: &[&str] = &["deploy/guardrails.yaml", "deploy/namespace.yaml", "deploy/service/networkpolicy.yaml"];

impl Plan {
    /// Whether the deployment is weaker without a file.
    pub fn guards(&self, path: &str) -> bool {
        self.files.iter().any(|file| file.path == path && GUARDS.contains(&file.template.as_str()))
    }

    /// Whether a file, where it is, is about one service.
    pub fn is_of_service(&self, path: &str) -> bool {
        let is_there = |file: &PlannedFile| match self.elsewhere.get(&file.path) {
            Some(moved) => moved.as_deref() == Some(path),
            None => file.path == path,
        };
        self.files.iter().any(|file| matches!(file.subject, Subject::Service(_)) && is_there(file))
    }

    /// The services that a subject's files are about.
    pub fn services(&self, subject: Subject) -> &[ServiceSpec] {
        match subject {
            Subject::Project(_) | Subject::Whole => &self.project.services,
            Subject::Service(place) => &self.project.services[place..=place],
        }
    }

    /// What the templates of a subject's files place. Made when they are rendered: for a large project, all of them at
    /// once would be larger than the files.
    pub fn values(&self, subject: Subject) -> Value {
        match subject {
            Subject::Project(row) => (PROJECT_OUTPUTS[row].values)(self),
            Subject::Whole => view::whole(&self.project, &self.flows, &self.templates),
            Subject::Service(place) => {
                view::service(&self.project, &self.project.services[place], &self.flows, &self.templates)
            }
        }
    }
}

impl ServiceOutput {
    fn place(&self, project: &ProjectSpec, service: &ServiceSpec) -> (String, String) {
        let build = service.build.as_ref();
        let dockerfile = build.map_or("Dockerfile", |build| build.dockerfile.as_str());
        match self.template {
            Template::Manifest(name) => {
                (project.output.join(&format!("{}/{}", service.name, self.file)), format!("deploy/service/{name}.yaml"))
            }
            Template::Dockerfile => (
                service.path.join(dockerfile),
                format!("docker/{}.Dockerfile", build.map_or("", |build| build.template.as_str())),
            ),
            // BuildKit prefers an ignore file that bears the Dockerfile's name.
            Template::Ignore if dockerfile == "Dockerfile" => {
                (service.path.join(".dockerignore"), "docker/dockerignore".to_owned())
            }
            Template::Ignore => {
                (service.path.join(&format!("{dockerfile}.dockerignore")), "docker/dockerignore".to_owned())
            }
        }
    }
}

/// The manifests of the plan in the order that they are applied in: what others stand on first.
fn manifests(project: &ProjectSpec) -> Vec<String> {
    let mut paths = vec!["namespace.yaml".to_owned(), "guardrails.yaml".to_owned()];
    for service in &project.services {
        for output in SERVICE_OUTPUTS {
            if matches!(output.template, Template::Manifest(_)) && (output.wanted)(service) {
                paths.push(format!("{}/{}", service.name, output.file));
            }
        }
    }
    paths
}

/// Every template that a row names, for the tests that compare rows and files.
pub fn templates() -> Vec<String> {
    let manifests = SERVICE_OUTPUTS.iter().filter_map(|output| match output.template {
        Template::Manifest(name) => Some(format!("deploy/service/{name}.yaml")),
        Template::Dockerfile => None,
        Template::Ignore => Some("docker/dockerignore".to_owned()),
    });
    PROJECT_OUTPUTS.iter().map(|output| output.template.to_owned()).chain(manifests).collect()
}
