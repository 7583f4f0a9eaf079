//! `ProjectSpec` and `ServiceSpec`: what `plan` works from. No `Option` here means "not decided".

use std::collections::BTreeMap;
use std::ops::Add;

use super::image::ImageRef;
use super::name::{Host, Name, Namespace, ObjectName, OwnNamespace, PortName};
use super::network::{Cidr, Via};
use super::number::{ContainerPort, Port, Replicas, Seconds, UserId};
use super::pack::LabelKey;
use super::path::{MountPath, RelPath};
use super::probe::Probe;
use super::quantity::{Bytes, Cpu};
use super::scalar::choice;
use super::schedule::{Schedule, TimeZone};
use super::word::{DockerfileName, EnvName, EnvValue, LabelValue, Line, Sentence, ToolVersion, Word};
use crate::build::PackageManager;
use crate::kubernetes::KubeVersion;

#[derive(Clone, Debug)]
pub struct ProjectSpec {
    pub name: Name,
    pub namespace: OwnNamespace,
    pub kubernetes: KubeVersion,
    /// The folder that the manifests go to.
    pub output: RelPath,
    pub ci: Ci,
    /// What packs asked about the project, by key.
    pub extra: BTreeMap<String, Line>,
    /// What packs put on the project's own objects.
    pub labels: BTreeMap<LabelKey, LabelValue>,
    /// What the containers of packs use, in each pod.
    pub sidecars: Resources,
    /// In the order of their names.
    pub services: Vec<ServiceSpec>,
}

choice!(
    /// Which pipeline is written along.
    Ci,
    "a pipeline is written for one of these",
    { GitHub = "github", GitLab = "gitlab", None = "none" }
);

choice!(
    /// What kind of work a service does. Together with its storage this decides the Kubernetes kind.
    Workload,
    "a workload is one of these",
    {
        /// Answers requests on a port.
        Service = "service",
        /// Runs all the time, nobody connects to it.
        Worker = "worker",
        /// Runs at set times and ends.
        Scheduled = "scheduled",
        /// Runs once for each rollout and ends.
        Once = "once",
    }
);

/// The Kubernetes kind that runs the pods.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Controller {
    Deployment,
    StatefulSet,
    CronJob,
    Job,
}

#[derive(Clone, Debug)]
pub struct ServiceSpec {
    pub name: Name,
    /// The preset's id: the app type.
    pub preset: String,
    pub path: RelPath,
    pub image: ImageRef,
    pub workload: Workload,
    /// The main port, where something connects to it.
    pub port: Option<ContainerPort>,
    /// More ports by name.
    pub ports: BTreeMap<PortName, ContainerPort>,
    pub user: UserId,
    pub command: Vec<Word>,
    pub args: Vec<Word>,
    pub env: BTreeMap<EnvName, EnvValue>,
    pub secrets: Vec<SecretMount>,
    /// Empty for jobs.
    pub health: Option<Health>,
    /// By path; `/tmp` is always among them.
    pub storage: BTreeMap<MountPath, Storage>,
    pub expose: Option<Expose>,
    pub allow_from: Vec<Caller>,
    pub talks_to: Vec<Destination>,
    pub resources: Resources,
    pub replicas: Range,
    pub schedule: Schedule,
    pub time_zone: TimeZone,
    pub grace: Seconds,
    pub runtime_class: Option<ObjectName>,
    pub priority_class: Option<ObjectName>,
    pub region: Option<LabelValue>,
    pub user_namespace: bool,
    pub pull_secret: Option<ObjectName>,
    /// What goes into the Dockerfile; none where the image exists already.
    pub build: Option<Build>,
    pub exceptions: Vec<Exception>,
    /// What packs asked about it, by key.
    pub extra: BTreeMap<String, Line>,
    /// What packs put on its objects and pods.
    pub labels: BTreeMap<LabelKey, LabelValue>,
    /// What packs put on its pods.
    pub annotations: BTreeMap<LabelKey, Line>,
}

impl ServiceSpec {
    pub fn controller(&self) -> Controller {
        match self.workload {
            Workload::Scheduled => Controller::CronJob,
            Workload::Once => Controller::Job,
            Workload::Service | Workload::Worker if self.kept().next().is_some() => Controller::StatefulSet,
            Workload::Service | Workload::Worker => Controller::Deployment,
        }
    }

    /// Storage that outlives a pod.
    pub fn kept(&self) -> impl Iterator<Item = (&MountPath, &Storage)> {
        self.storage.iter().filter(|(_, storage)| storage.keep)
    }

    /// Storage that ends with its pod.
    pub fn scratch(&self) -> impl Iterator<Item = (&MountPath, &Storage)> {
        self.storage.iter().filter(|(_, storage)| !storage.keep)
    }

    /// Whether the number of pods follows the load.
    pub fn scales(&self) -> bool {
        self.controller() == Controller::Deployment && self.replicas.max > self.replicas.min
    }

    pub fn has_exception(&self, rule: Relaxation) -> bool {
        self.exceptions.iter().any(|exception| exception.rule == rule)
    }

    /// What the main port speaks, as its name in the manifests: service meshes and people go by it.
    pub fn protocol(&self) -> &'static str {
        let probes = self.health.iter().flat_map(|health| [&health.ready, &health.live]);
        let asks = |wanted: fn(&Probe) -> bool| probes.clone().any(wanted);
        if asks(|probe| matches!(probe, Probe::Grpc { .. })) {
            "grpc"
        } else if self.expose.is_some() || self.build.is_some() || asks(|probe| matches!(probe, Probe::Http { .. })) {
            "http"
        } else {
            "tcp"
        }
    }

    /// The port that other pods find it at: 80 for HTTP, as people write URLs; else its own.
    ///
    /// A headless Service hands out the pods' addresses and translates no ports, so there it is always its own.
    pub fn service_port(&self) -> Option<u32> {
        if self.controller() == Controller::StatefulSet {
            return self.port.map(ContainerPort::get);
        }
        self.port.map(|port| if self.protocol() == "http" { 80 } else { port.get() })
    }

    /// The number of the port that `allow-from` names.
    pub fn port_named(&self, name: &str) -> Option<ContainerPort> {
        if name == MAIN_PORT {
            return self.port;
        }
        self.ports.iter().find(|(port, _)| port.as_str() == name).map(|(_, number)| *number)
    }
}

/// The main port as `allow-from` calls it.
pub const MAIN_PORT: &str = "main";

#[derive(Clone, Debug)]
pub struct Storage {
    pub size: Bytes,
    pub keep: bool,
    /// In memory instead of on the node's disk; counts against the memory limit.
    pub memory: bool,
    pub class: Option<ObjectName>,
}

#[derive(Clone, Debug)]
pub struct SecretMount {
    pub name: ObjectName,
    pub mount: MountPath,
}

#[derive(Clone, Debug)]
pub struct Health {
    pub ready: Probe,
    pub live: Probe,
    /// How long the app may take to start.
    pub startup: Seconds,
}

#[derive(Clone, Debug)]
pub struct Expose {
    pub host: Host,
    /// Never `Via::None`: then there is no `Expose`.
    pub via: Via,
    /// Where the gateway or the ingress controller runs.
    pub from_namespace: Namespace,
    /// The Gateway's name, or the ingress class.
    pub through: ObjectName,
    pub tls_secret: ObjectName,
}

#[derive(Clone, Debug)]
pub struct Caller {
    pub from: From,
    /// The port's name.
    pub port: PortName,
}

#[derive(Clone, Debug)]
pub enum From {
    Service(Name),
    Namespace(Namespace),
    Cidr(Cidr),
}

#[derive(Clone, Debug)]
pub enum Destination {
    Service(Name),
    Namespace {
        namespace: Namespace,
        port: Port,
    },
    Cidr {
        cidr: Cidr,
        port: Port,
    },
    /// A host outside. A NetworkPolicy knows no host names, so this opens the port to the internet.
    Host {
        host: Host,
        port: Port,
    },
    Internet {
        port: Port,
    },
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Resources {
    pub cpu: Cpu,
    pub cpu_limit: Cpu,
    pub memory: Bytes,
    /// Disk of the node: scratch storage and logs.
    pub disk: Bytes,
}

impl Add for Resources {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            cpu: self.cpu + other.cpu,
            cpu_limit: self.cpu_limit + other.cpu_limit,
            memory: self.memory + other.memory,
            disk: self.disk + other.disk,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Range {
    pub min: Replicas,
    pub max: Replicas,
}

#[derive(Clone, Debug)]
pub struct Build {
    /// Template below `templates/docker/`.
    pub template: String,
    /// The one of ours that it comes from: what is placed goes by it.
    pub toolchain: Option<String>,
    /// The Dockerfile's name in the service's folder.
    pub dockerfile: DockerfileName,
    pub tool: ToolVersion,
    pub package_manager: PackageManager,
    /// The version to install of a package manager that the builder image lacks.
    pub package_manager_version: ToolVersion,
    /// Whether versions are locked.
    pub locked: bool,
    /// What the container starts: a file, a module, a target's name; each template says which.
    pub entry: Word,
    /// The member of a workspace: a Cargo package, a Maven or Gradle module.
    pub package: Option<Word>,
    /// The script or task that builds.
    pub script: Option<Word>,
    /// The folder that building leaves its result in.
    pub output: Option<Word>,
    /// Folders beside the program that it reads while it runs.
    pub include: Vec<RelPath>,
    /// Whether the program links C code.
    pub native: bool,
    /// Whether installing the dependencies reads more than their manifests.
    pub source_first: bool,
    /// Packages to install beside the locked ones, with their versions.
    pub install: Vec<Word>,
}

#[derive(Clone, Debug)]
pub struct Exception {
    pub rule: Relaxation,
    pub reason: Sentence,
}

choice!(
    /// The rules that a project may relax, by their ids; each changes the output in one place.
    Relaxation,
    "these rules can be relaxed",
    {
        WritableRoot = "writable-root-filesystem",
        NoCpuLimit = "missing-cpu-limit",
        ServiceAccountToken = "service-account-token",
    }
);
