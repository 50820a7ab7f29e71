# web (container of crun)
# recorded on node1
seccomp-error-action EPERM
seccomp.keep accept4,clone,close,execve,exit,exit_group,futex,$449,ioctl,mmap,mprotect,munmap,openat,personality,read,restart_syscall,rt_sigreturn,socket,write
seccomp.32.keep execve,execveat,prctl
