//! `Answers`: one layer of choices, every one optional. The file, flags, replies, detection and presets are all this.

pub mod compact;
pub mod draft;
pub mod file;
pub mod layer;
pub mod raw;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::layer::layered;
use self::raw::{Origin, Raw};
use crate::build::PackageManager;
use crate::kubernetes::KubeVersion;
use crate::spec::image::ImageRef;
use crate::spec::name::{Host, Name, Namespace, ObjectName, OwnNamespace, PortName};
use crate::spec::network::{Cidr, Via};
use crate::spec::number::{ContainerPort, Format, Port, PortChoice, Replicas, Seconds, UserId};
use crate::spec::pack::{PackPath, RepositoryUrl, Revision};
use crate::spec::path::{MountPath, RelPath};
use crate::spec::probe::Probe;
use crate::spec::quantity::{Bytes, Cpu};
use crate::spec::schedule::{Schedule, TimeZone};
use crate::spec::service::{Ci, Relaxation, Workload};
use crate::spec::word::{DockerfileName, EnvValue, LabelValue, Line, PresetId, Sentence, Switch, ToolVersion, Word};

type Given<T> = Option<Raw<T>>;

/// The whole of `cofferdam.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub struct Answers {
    /// The format of this file
    pub cofferdam: Given<Format>,
    #[serde(flatten)]
    pub project: ProjectAnswers,
    /// The services of this project, by name
    pub services: BTreeMap<String, ServiceAnswers>,
    /// Where each service's name stands.
    #[serde(skip)]
    pub places: BTreeMap<String, Origin>,
}

layered! {
    pub struct ProjectAnswers {
        /// What the services belong to: the `part-of` label
        pub project: Given<Name>,
        /// The namespace that everything goes into
        pub namespace: Given<OwnNamespace>,
        /// The oldest cluster that it must run on
        pub kubernetes: Given<KubeVersion>,
        /// The folder that the manifests go to
        pub output: Given<RelPath>,
        /// The pipeline to write
        pub ci: Given<Ci>,
        /// Packs of presets and templates that lie on what cofferdam brings, the lowest first
        pub packs: Option<Vec<PackAnswers>>,
        /// Answers to what packs ask, for all services that do not answer themselves
        pub extra: BTreeMap<String, Raw<Line>>,
    }
}

layered! {
    pub struct PackAnswers {
        /// The folder that it is in, from this file
        pub path: Given<PackPath>,
        /// The git repository that `cofferdam preset fetch` gets it from, in place of `path`
        pub git: Given<RepositoryUrl>,
        /// The tag, branch or commit of the repository
        pub r#ref: Given<Revision>,
        /// The folder of the repository that it is in, if not the repository itself
        pub folder: Given<RelPath>,
    }
}

layered! {
    pub struct ServiceAnswers {
        /// The app type: brings build, runtime image, user, writable paths, checks and port
        pub preset: Given<PresetId>,
        /// The app's folder
        pub path: Given<RelPath>,
        /// What the pods run
        pub image: Given<ImageRef>,
        /// What kind of work it does
        pub workload: Given<Workload>,
        /// When a scheduled job runs
        pub schedule: Given<Schedule>,
        /// The time zone of the schedule
        pub time_zone: Given<TimeZone>,
        /// The port that the app listens on, or `none`
        pub port: Given<PortChoice>,
        /// More ports, by name
        pub ports: BTreeMap<String, Raw<ContainerPort>>,
        /// How the cluster asks whether the app is ready and alive
        pub health: HealthAnswers,
        /// The paths that the app writes
        pub storage: Option<Vec<StorageAnswers>>,
        /// How people outside the cluster reach it
        pub expose: ExposeAnswers,
        /// Who may connect to it
        pub allow_from: Option<Vec<CallerAnswers>>,
        /// What it connects to
        pub talks_to: Option<Vec<DestinationAnswers>>,
        /// Secrets that exist in the cluster, mounted as files
        pub secrets: Option<Vec<SecretAnswers>>,
        /// Environment variables; nothing secret
        pub env: BTreeMap<String, Raw<EnvValue>>,
        /// Replaces the image's entry point
        pub command: Option<Vec<Raw<Word>>>,
        /// Arguments of the entry point
        pub args: Option<Vec<Raw<Word>>>,
        /// The numeric user and group
        pub user: Given<UserId>,
        /// What a pod needs and may use at most
        pub resources: ResourceAnswers,
        /// How many pods
        pub replicas: ReplicaAnswers,
        /// How long a pod may take to stop
        pub grace_seconds: Given<Seconds>,
        /// A stronger sandbox that the cluster offers, for example gvisor
        pub runtime_class: Given<ObjectName>,
        /// A PriorityClass of the cluster
        pub priority_class: Given<ObjectName>,
        /// The only region whose nodes may run it
        pub region: Given<LabelValue>,
        /// Map the container's users to unprivileged ones of the node
        pub user_namespace: Given<Switch>,
        /// The Secret that holds the registry's credentials
        pub pull_secret: Given<ObjectName>,
        /// What the Dockerfile is made from
        pub build: BuildAnswers,
        /// Rules that this service cannot keep, each with a reason
        pub exceptions: Option<Vec<ExceptionAnswers>>,
        /// Answers to what packs ask
        pub extra: BTreeMap<String, Raw<Line>>,
    }
}

layered! {
    pub struct HealthAnswers {
        /// Whether it can take requests
        pub ready: Given<Probe>,
        /// Whether it must be restarted
        pub live: Given<Probe>,
        /// How long it may take to start
        pub startup_seconds: Given<Seconds>,
    }
}

layered! {
    pub struct ExposeAnswers {
        /// The DNS name
        pub host: Given<Host>,
        /// What routes to it
        pub via: Given<Via>,
        /// The namespace that the gateway's or the ingress controller's pods run in
        pub from_namespace: Given<Namespace>,
        /// The Gateway's name, or the ingress class
        pub through: Given<ObjectName>,
        /// The Secret with the certificate (Ingress only; a Gateway holds its own)
        pub tls_secret: Given<ObjectName>,
    }
}

layered! {
    pub struct ResourceAnswers {
        /// CPU that is reserved
        pub cpu: Given<Cpu>,
        /// CPU that it may use at most
        pub cpu_limit: Given<Cpu>,
        /// Memory, reserved and at most
        pub memory: Given<Bytes>,
        /// The node's disk, reserved and at most
        pub disk: Given<Bytes>,
    }
}

layered! {
    pub struct ReplicaAnswers {
        /// Never fewer pods
        pub min: Given<Replicas>,
        /// Never more pods; above `min` their number follows the load
        pub max: Given<Replicas>,
    }
}

layered! {
    pub struct BuildAnswers {
        /// The Dockerfile's name in the app's folder
        pub dockerfile: Given<DockerfileName>,
        /// The version of the language or toolchain
        pub tool: Given<ToolVersion>,
        /// What installs the dependencies
        pub package_manager: Given<PackageManager>,
        /// Its version, where the builder image lacks it
        pub package_manager_version: Given<ToolVersion>,
        /// Whether a lock file pins the dependencies
        pub locked: Given<Switch>,
        /// What the container starts: a file, a module, a binary target
        pub entry: Given<Word>,
        /// The workspace member or module folder
        pub package: Given<Word>,
        /// The script or task that builds
        pub script: Given<Word>,
        /// The folder that holds the result
        pub output: Given<Word>,
        /// Folders that the program reads while it runs
        pub include: Option<Vec<Raw<RelPath>>>,
        /// Packages to install beside the locked ones, with their versions
        pub install: Option<Vec<Raw<Word>>>,
        /// Whether it links C code
        pub native: Given<Switch>,
        /// Whether installing the dependencies needs the source
        pub source_first: Given<Switch>,
    }
}

layered! {
    pub struct StorageAnswers {
        /// Where it is mounted
        pub path: Given<MountPath>,
        /// How much fits
        pub size: Given<Bytes>,
        /// Whether it outlives the pod
        pub keep: Given<Switch>,
        /// Whether it lives in memory
        pub memory: Given<Switch>,
        /// The StorageClass, where the default one is not right
        pub class: Given<ObjectName>,
    }
}

layered! {
    pub struct CallerAnswers {
        /// A service of this project
        pub service: Given<Name>,
        /// All pods of a namespace
        pub namespace: Given<Namespace>,
        /// Addresses outside the cluster
        pub cidr: Given<Cidr>,
        /// The name of our port, where it is not the main one
        pub port: Given<PortName>,
    }
}

layered! {
    pub struct DestinationAnswers {
        /// A service of this project
        pub service: Given<Name>,
        /// Pods of another namespace
        pub namespace: Given<Namespace>,
        /// Addresses
        pub cidr: Given<Cidr>,
        /// A host on the internet
        pub host: Given<Host>,
        /// The internet, but neither private addresses nor cloud metadata
        pub internet: Given<Switch>,
        /// Their port
        pub port: Given<Port>,
    }
}

layered! {
    pub struct SecretAnswers {
        /// The Secret's name
        pub name: Given<ObjectName>,
        /// The folder that its keys appear in as files
        pub mount: Given<MountPath>,
    }
}

layered! {
    pub struct ExceptionAnswers {
        /// The rule's id
        pub rule: Given<Relaxation>,
        /// Why it cannot be kept
        pub reason: Given<Sentence>,
    }
}
