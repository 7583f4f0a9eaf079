//! A pod of a rendered manifest as a container of a Docker engine, under the same constraints. Everything is read from
//! the manifest; nothing is said twice.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use cofferdam::spec::quantity::{Bytes, Cpu};
use k8s_openapi::api::core::v1::{Container as Spec, PodSpec, Probe};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::engine::{Tools, output};

/// A running container; removed when it is dropped.
pub(crate) struct Container<'t> {
    tools: &'t Tools,
    pub(crate) id: String,
    /// Where each port of the pod is reached on this machine.
    ports: BTreeMap<i32, u16>,
}

/// What the kubelet would tell the engine. A node limits processes too; manifests cannot, so this is a usual number.
const PIDS_LIMIT: &str = "1024";

/// What people ask gRPC servers with where the kubelet does not. Go builds it once.
const GRPC_HEALTH_PROBE: &str = "github.com/grpc-ecosystem/grpc-health-probe@v0.4.62";

/// The arguments of `docker run` for a pod. `without` names a volume that is left out.
pub(crate) fn arguments(pod: &PodSpec, without: Option<&str>) -> Result<Vec<String>, String> {
    let [container] = pod.containers.as_slice() else { return Err("a pod of one container is meant".to_owned()) };
    let missing = |what: &str| format!("the manifest has no {what}");
    let security = container.security_context.as_ref().ok_or_else(|| missing("securityContext"))?;
    let of_pod = pod.security_context.as_ref().ok_or_else(|| missing("securityContext of the pod"))?;
    let user = of_pod.run_as_user.ok_or_else(|| missing("runAsUser"))?;
    let group = of_pod.run_as_group.ok_or_else(|| missing("runAsGroup"))?;
    let mut words: Vec<String> = vec!["--user".into(), format!("{user}:{group}")];
    words.extend(of_pod.fs_group.iter().flat_map(|group| ["--group-add".to_owned(), group.to_string()]));
    if security.read_only_root_filesystem == Some(true) {
        words.push("--read-only".into());
    }
    if security.allow_privilege_escalation == Some(false) {
        words.extend(["--security-opt".into(), "no-new-privileges".into()]);
    }
    let dropped = security.capabilities.iter().flat_map(|capabilities| capabilities.drop.iter().flatten());
    words.extend(dropped.flat_map(|capability| ["--cap-drop".to_owned(), capability.clone()]));
    // The engine's default seccomp profile is what RuntimeDefault means: asked for by saying nothing.
    let seccomp = of_pod.seccomp_profile.as_ref().map(|profile| profile.type_.as_str());
    if seccomp != Some("RuntimeDefault") {
        return Err(missing("seccompProfile RuntimeDefault"));
    }
    // Docker lets everybody listen on every port; Kubernetes' runtimes do not.
    words.extend(["--sysctl".into(), "net.ipv4.ip_unprivileged_port_start=1024".into()]);
    let limits = container.resources.as_ref().and_then(|resources| resources.limits.as_ref());
    let limit =
        |name: &str| limits.and_then(|limits| limits.get(name)).ok_or_else(|| missing(&format!("limit of {name}")));
    words.extend(["--memory".into(), bytes(limit("memory")?)?.to_string()]);
    words.extend(["--memory-swap".into(), bytes(limit("memory")?)?.to_string()]);
    words.extend(["--cpus".into(), cores(limit("cpu")?)?]);
    words.extend(["--pids-limit".into(), PIDS_LIMIT.into()]);
    for variable in container.env.iter().flatten() {
        words.extend(["--env".into(), format!("{}={}", variable.name, variable.value.as_deref().unwrap_or_default())]);
    }
    // What the kubelet tells every container. Spring Boot, for one, answers a kubelet's questions only where it is told.
    words.extend(
        ["KUBERNETES_SERVICE_HOST=10.96.0.1", "KUBERNETES_SERVICE_PORT=443"]
            .into_iter()
            .flat_map(|variable| ["--env".to_owned(), variable.to_owned()]),
    );
    for mount in container.volume_mounts.iter().flatten().filter(|mount| Some(mount.name.as_str()) != without) {
        let volume = pod.volumes.iter().flatten().find(|volume| volume.name == mount.name);
        let Some(scratch) = volume.and_then(|volume| volume.empty_dir.as_ref()) else {
            return Err(format!("{} is no emptyDir: this proof knows no other volume", mount.name));
        };
        let size = bytes(scratch.size_limit.as_ref().ok_or_else(|| missing("sizeLimit"))?)?;
        // A plain --tmpfs would take the mode of the image's directory, and a plain volume its content; an emptyDir
        // is empty and everybody's. One option holds commas, so it is quoted as CSV.
        words.extend([
            "--mount".into(),
            format!(
                "type=volume,dst={},volume-nocopy,volume-opt=type=tmpfs,volume-opt=device=tmpfs,\"volume-opt=o=size={size},mode=0777\"",
                mount.mount_path
            ),
        ]);
    }
    for port in container.ports.iter().flatten() {
        words.extend(["--publish".into(), format!("127.0.0.1::{}", port.container_port)]);
    }
    if let Some(command) = container.command.as_ref().filter(|command| !command.is_empty()) {
        words.extend(["--entrypoint".into(), command[0].clone()]);
    }
    Ok(words)
}

fn bytes(quantity: &Quantity) -> Result<u64, String> {
    let bytes: Bytes = quantity.0.parse().map_err(|_| format!("{} is no amount of bytes", quantity.0))?;
    Ok(bytes.get())
}

/// In cores, as the engine wants it.
fn cores(quantity: &Quantity) -> Result<String, String> {
    let cpu: Cpu = quantity.0.parse().map_err(|_| format!("{} is no amount of CPU", quantity.0))?;
    Ok(format!("{}.{:03}", cpu.in_millis() / 1000, cpu.in_millis() % 1000))
}

impl<'t> Container<'t> {
    pub(crate) fn start(tools: &'t Tools, pod: &PodSpec, without: Option<&str>) -> Result<Self, String> {
        let container = &pod.containers[0];
        let rest =
            container.command.iter().flat_map(|command| command.iter().skip(1)).chain(container.args.iter().flatten());
        let (ok, id, said) = output(
            tools
                .command("docker")
                .args(["run", "--detach"])
                .args(arguments(pod, without)?)
                .arg(container.image.as_deref().unwrap_or_default())
                .args(rest),
        )?;
        if !ok {
            return Err(said);
        }
        let mut started = Self { tools, id: id.trim().to_owned(), ports: BTreeMap::new() };
        for port in container.ports.iter().flatten() {
            let (_, address, said) =
                output(tools.command("docker").args(["port", &started.id, &port.container_port.to_string()]))?;
            let number = address.trim().rsplit(':').next().and_then(|number| number.parse().ok());
            // A container that has ended already has no ports; its log says why.
            let number = number.ok_or_else(|| format!("{said}{}", started.log()))?;
            started.ports.insert(port.container_port, number);
        }
        Ok(started)
    }

    pub(crate) fn log(&self) -> String {
        output(self.tools.command("docker").args(["logs", "--tail", "30", &self.id]))
            .map(|(_, out, err)| format!("{out}{err}"))
            .unwrap_or_default()
    }

    pub(crate) fn inspect(&self, format: &str) -> Result<String, String> {
        let (ok, out, said) = output(self.tools.command("docker").args(["inspect", "--format", format, &self.id]))?;
        if ok { Ok(out.trim().to_owned()) } else { Err(said) }
    }

    /// Sends SIGTERM, and says how long it took to end and with which code.
    pub(crate) fn stop(&self, grace: i64) -> Result<(Duration, i32), String> {
        let begin = Instant::now();
        let (ok, _, said) =
            output(self.tools.command("docker").args(["stop", "--time", &grace.to_string(), &self.id]))?;
        if !ok {
            return Err(said);
        }
        let code = self.inspect("{{.State.ExitCode}}")?;
        Ok((begin.elapsed(), code.parse().map_err(|_| code)?))
    }

    /// Tries a probe as often and for as long as the manifest says, and says how many tries it took.
    pub(crate) fn probe(&self, spec: &Spec, name: &str, probe: &Probe) -> Result<i32, String> {
        let tries = probe.failure_threshold.unwrap_or(3).max(1);
        let period = Duration::from_secs(u64::try_from(probe.period_seconds.unwrap_or(10)).unwrap_or(10));
        let timeout = Duration::from_secs(u64::try_from(probe.timeout_seconds.unwrap_or(1)).unwrap_or(1));
        let mut last = String::new();
        for attempt in 1..=tries {
            match self.ask(spec, probe, timeout) {
                Ok(()) => return Ok(attempt),
                Err(problem) => last = problem,
            }
            if self.inspect("{{.State.Running}}")? != "true" {
                return Err(format!("{name}: the container has ended: {}", self.log()));
            }
            if attempt < tries {
                std::thread::sleep(period);
            }
        }
        Err(format!("{name} fails {tries} times: {last}\n{}", self.log()))
    }

    fn ask(&self, spec: &Spec, probe: &Probe, timeout: Duration) -> Result<(), String> {
        if let Some(http) = &probe.http_get {
            let (status, body) =
                self.request(self.port(spec, &http.port)?, "GET", http.path.as_deref().unwrap_or("/"), b"", timeout)?;
            return if (200..400).contains(&status) { Ok(()) } else { Err(format!("status {status}: {body}")) };
        }
        if let Some(tcp) = &probe.tcp_socket {
            // The engine's proxy accepts before the app does, so only an answer or silence counts, not a hang-up.
            let mut stream = self.connect(self.port(spec, &tcp.port)?, timeout)?;
            stream.set_read_timeout(Some(Duration::from_millis(200))).map_err(|error| error.to_string())?;
            return match stream.read(&mut [0]) {
                Ok(0) => Err("the connection is closed at once".to_owned()),
                Err(error) if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    Err(error.to_string())
                }
                Ok(_) | Err(_) => Ok(()),
            };
        }
        if let Some(exec) = &probe.exec {
            let words = exec.command.iter().flatten();
            let (ok, out, said) = output(self.tools.command("docker").args(["exec", &self.id]).args(words))?;
            return if ok { Ok(()) } else { Err(format!("{out}{said}")) };
        }
        if let Some(grpc) = &probe.grpc {
            let address = format!("127.0.0.1:{}", self.port(spec, &IntOrString::Int(grpc.port))?);
            let (ok, out, said) = output(self.tools.command("go").args(["run", GRPC_HEALTH_PROBE, "-addr", &address]))?;
            return if ok { Ok(()) } else { Err(format!("{out}{said}")) };
        }
        Err("this proof knows no such probe".to_owned())
    }

    fn port(&self, spec: &Spec, port: &IntOrString) -> Result<u16, String> {
        let number = match port {
            IntOrString::Int(number) => Some(*number),
            IntOrString::String(name) => spec
                .ports
                .iter()
                .flatten()
                .find(|port| port.name.as_ref() == Some(name))
                .map(|port| port.container_port),
        };
        number.and_then(|number| self.ports.get(&number).copied()).ok_or_else(|| format!("no port {port:?}"))
    }

    fn connect(&self, port: u16, timeout: Duration) -> Result<TcpStream, String> {
        let address = ("127.0.0.1", port).to_socket_addrs().ok().and_then(|mut all| all.next()).ok_or("no address")?;
        TcpStream::connect_timeout(&address, timeout).map_err(|error| error.to_string())
    }

    /// The main port's answer to a request: status and body.
    pub(crate) fn send(&self, spec: &Spec, method: &str, path: &str, body: &[u8]) -> Result<(u16, String), String> {
        let port = spec.ports.iter().flatten().next().map(|port| port.container_port).ok_or("it has no port")?;
        let port = self.port(spec, &IntOrString::Int(port))?;
        self.request(port, method, path, body, Duration::from_secs(20))
    }

    /// HTTP/1.0, as simple as a kubelet's: one request, one answer, and the connection ends.
    fn request(
        &self,
        port: u16,
        method: &str,
        path: &str,
        body: &[u8],
        timeout: Duration,
    ) -> Result<(u16, String), String> {
        let mut stream = self.connect(port, timeout)?;
        let wrong = |error: std::io::Error| error.to_string();
        stream.set_read_timeout(Some(timeout)).map_err(wrong)?;
        let head = format!(
            "{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).map_err(wrong)?;
        stream.write_all(body).map_err(wrong)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).map_err(wrong)?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body).to_owned();
        status.map(|status| (status, body)).ok_or_else(|| "no answer".to_owned())
    }
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        let _ = output(self.tools.command("docker").args(["rm", "--force", "--volumes", &self.id]));
    }
}
