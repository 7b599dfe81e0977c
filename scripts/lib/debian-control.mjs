/**
 * What dpkg is told of the package. It brings its own Node.js. Docker is recommended under each of its names and not
 * needed: it may have been installed by hand.
 */
export function control(version, architecture, kibibytes) {
  return `Package: dockershim
Version: ${version}
Architecture: ${architecture}
Maintainer: The dockershim authors <dockershim@localhost>
Installed-Size: ${kibibytes}
Depends: libc6 (>= 2.28), libstdc++6 (>= 8), util-linux
Recommends: docker.io | docker-ce | moby-engine
Suggests: containernetworking-plugins
Section: admin
Priority: optional
Description: Kubernetes pods on Docker
 A daemon that speaks the Kubernetes Container Runtime Interface (CRI) and runs
 pods on a Docker Engine, for kubelets from 1.20 on and for crictl. It adopts
 the pods of the in-tree dockershim and of cri-dockerd.
`;
}
