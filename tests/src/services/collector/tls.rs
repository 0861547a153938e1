//! TLS before something that has none, with a certificate that nobody trusts who is not told to.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::Folder;

/// A door with TLS.
#[derive(Debug)]
pub struct Tls {
    address: SocketAddr,
    folder: Folder,
    _running: oneshot::Sender<()>,
}

impl Tls {
    /// One before an address, for a protocol as ALPN names it.
    pub(super) fn before(behind: SocketAddr, protocol: &[u8]) -> Self {
        let folder = Folder::new("collector");
        let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]);
        openssl.args(["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]);
        openssl.args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"]).arg(&key);
        openssl.arg("-out").arg(&certificate).stderr(Stdio::null());
        assert!(openssl.status().is_ok_and(|status| status.success()), "openssl can be run");

        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let chain = vec![CertificateDer::from_pem_file(&certificate).expect("a certificate")];
        let key = PrivateKeyDer::from_pem_file(&key).expect("a key");
        let config = versions.expect("versions").with_no_client_auth().with_single_cert(chain, key);
        let mut config = config.expect("they belong together");
        config.alpn_protocols = vec![protocol.to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let (running, ended) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
                tell.send(listener.local_addr().expect("an address")).expect("the test waits");
                tokio::select! {
                    () = pass(listener, acceptor, behind) => {}
                    // The test is over.
                    _ = ended => {}
                }
            });
        });
        Self { address: told.recv().expect("it listens"), folder, _running: running }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The certificate, as PEM.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }
}

async fn pass(listener: TcpListener, acceptor: TlsAcceptor, behind: SocketAddr) {
    loop {
        let (stream, _) = listener.accept().await.expect("it listens");
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            // A client that does not trust it goes away.
            let Ok(mut outer) = acceptor.accept(stream).await else { return };
            let mut inner = TcpStream::connect(behind).await.expect("it is there");
            drop(copy_bidirectional(&mut outer, &mut inner).await);
        });
    }
}
