/** Where docker, the predecessors and this shim look for the engine when they are told nothing. */
export const DOCKERS_DEFAULT = 'unix:///var/run/docker.sock';
