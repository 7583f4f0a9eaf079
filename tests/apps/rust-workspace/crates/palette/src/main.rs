//! Colours over HTTP; their names are another member of the workspace. Uploads are spooled to a temporary file.

use std::fs::File;
use std::io;

use tiny_http::{Request, Response, Server};

fn main() -> io::Result<()> {
    std::thread::spawn(|| serve(&Server::http("0.0.0.0:8080").expect("the port is free")));
    signal_hook::iterator::Signals::new([signal_hook::consts::SIGTERM])?.forever().next();
    Ok(())
}

fn serve(server: &Server) {
    for mut request in server.incoming_requests() {
        let answer = match request.url() {
            "/livez" => Ok("alive\n".to_owned()),
            "/readyz" => Ok("ready\n".to_owned()),
            "/upload" => upload(&mut request),
            _ => Ok(colours::ALL.join("\n")),
        };
        let response = match answer {
            Ok(text) => Response::from_string(text),
            Err(error) => Response::from_string(error.to_string()).with_status_code(500),
        };
        let _ = request.respond(response);
    }
}

fn upload(request: &mut Request) -> io::Result<String> {
    let path = std::env::temp_dir().join("upload");
    io::copy(request.as_reader(), &mut File::create(&path)?)?;
    Ok(format!("{} bytes\n", std::fs::read(path)?.len()))
}
