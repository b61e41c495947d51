extension BundleTests {
    /// What `wholeDocument` expects: a container with nothing of its own but its image, on a host with cgroup v2.
    static let golden = """
        {
          "ociVersion": "1.0.2",
          "process": {
            "terminal": false,
            "user": {
              "uid": 0,
              "gid": 0
            },
            "args": [
              "/entry",
              "serve"
            ],
            "env": [
              "PATH=/bin",
              "HOSTNAME=web",
              "TERM=xterm",
              "HOME=/root",
              "A=image"
            ],
            "cwd": "/srv",
            "capabilities": {
              "bounding": [
                "CAP_CHOWN",
                "CAP_DAC_OVERRIDE",
                "CAP_FOWNER",
                "CAP_FSETID",
                "CAP_KILL",
                "CAP_SETGID",
                "CAP_SETUID",
                "CAP_SETPCAP",
                "CAP_NET_BIND_SERVICE",
                "CAP_NET_RAW",
                "CAP_SYS_CHROOT",
                "CAP_MKNOD",
                "CAP_AUDIT_WRITE",
                "CAP_SETFCAP"
              ],
              "effective": [
                "CAP_CHOWN",
                "CAP_DAC_OVERRIDE",
                "CAP_FOWNER",
                "CAP_FSETID",
                "CAP_KILL",
                "CAP_SETGID",
                "CAP_SETUID",
                "CAP_SETPCAP",
                "CAP_NET_BIND_SERVICE",
                "CAP_NET_RAW",
                "CAP_SYS_CHROOT",
                "CAP_MKNOD",
                "CAP_AUDIT_WRITE",
                "CAP_SETFCAP"
              ],
              "permitted": [
                "CAP_CHOWN",
                "CAP_DAC_OVERRIDE",
                "CAP_FOWNER",
                "CAP_FSETID",
                "CAP_KILL",
                "CAP_SETGID",
                "CAP_SETUID",
                "CAP_SETPCAP",
                "CAP_NET_BIND_SERVICE",
                "CAP_NET_RAW",
                "CAP_SYS_CHROOT",
                "CAP_MKNOD",
                "CAP_AUDIT_WRITE",
                "CAP_SETFCAP"
              ]
            },
            "rlimits": [],
            "noNewPrivileges": true
          },
          "root": {
            "path": "/data/c/rootfs",
            "readonly": false
          },
          "hostname": "web",
          "mounts": [
            {
              "destination": "/proc",
              "type": "proc",
              "source": "proc",
              "options": [
                "nosuid",
                "noexec",
                "nodev"
              ]
            },
            {
              "destination": "/dev",
              "type": "tmpfs",
              "source": "tmpfs",
              "options": [
                "nosuid",
                "strictatime",
                "mode=755",
                "size=65536k"
              ]
            },
            {
              "destination": "/dev/pts",
              "type": "devpts",
              "source": "devpts",
              "options": [
                "nosuid",
                "noexec",
                "newinstance",
                "ptmxmode=0666",
                "mode=0620",
                "gid=5"
              ]
            },
            {
              "destination": "/sys",
              "type": "sysfs",
              "source": "sysfs",
              "options": [
                "nosuid",
                "noexec",
                "nodev",
                "ro"
              ]
            },
            {
              "destination": "/sys/fs/cgroup",
              "type": "cgroup",
              "source": "cgroup",
              "options": [
                "ro",
                "nosuid",
                "noexec",
                "nodev"
              ]
            },
            {
              "destination": "/dev/mqueue",
              "type": "mqueue",
              "source": "mqueue",
              "options": [
                "nosuid",
                "noexec",
                "nodev"
              ]
            },
            {
              "destination": "/dev/shm",
              "type": "tmpfs",
              "source": "shm",
              "options": [
                "nosuid",
                "noexec",
                "nodev",
                "mode=1777",
                "size=67108864"
              ]
            },
            {
              "destination": "/etc/hosts",
              "type": "bind",
              "source": "/run/c/hosts",
              "options": [
                "rbind",
                "rprivate"
              ]
            },
            {
              "destination": "/etc/hostname",
              "type": "bind",
              "source": "/run/c/hostname",
              "options": [
                "rbind",
                "rprivate"
              ]
            },
            {
              "destination": "/etc/resolv.conf",
              "type": "bind",
              "source": "/run/c/resolv.conf",
              "options": [
                "rbind",
                "rprivate"
              ]
            }
          ],
          "annotations": {
            "reconcile.image": "sha256:ab",
            "reconcile.resource": "container/web",
            "reconcile.set": "default",
            "reconcile.spec": "SPEC",
            "run.oci.seccomp_bpf_data": "QUJD"
          },
          "linux": {
            "namespaces": [
              {
                "type": "pid"
              },
              {
                "type": "ipc"
              },
              {
                "type": "uts"
              },
              {
                "type": "mount"
              },
              {
                "type": "network",
                "path": "/run/netns/reconcile-web"
              },
              {
                "type": "cgroup"
              }
            ],
            "cgroupsPath": "/reconcile/default/web-0123abcd",
            "resources": {
              "devices": [
                {
                  "allow": false,
                  "access": "rwm"
                },
                {
                  "allow": true,
                  "type": "c",
                  "access": "m"
                },
                {
                  "allow": true,
                  "type": "b",
                  "access": "m"
                },
                {
                  "allow": true,
                  "type": "c",
                  "major": 1,
                  "minor": 3,
                  "access": "rwm"
                },
                {
                  "allow": true,
                  "type": "c",
                  "major": 1,
                  "minor": 5,
                  "access": "rwm"
                },
                {
                  "allow": true,
                  "type": "c",
                  "major": 1,
                  "minor": 7,
                  "access": "rwm"
                },
                {
                  "allow": true,
                  "type": "c",
                  "major": 1,
                  "minor": 8,
                  "access": "rwm"
                },
                {
                  "allow": true,
                  "type": "c",
                  "major": 1,
                  "minor": 9,
                  "access": "rwm"
                },
                {
                  "allow": true,
                  "type": "c",
                  "major": 5,
                  "minor": 0,
                  "access": "rwm"
                },
                {
                  "allow": true,
                  "type": "c",
                  "major": 5,
                  "minor": 1,
                  "access": "rwm"
                },
                {
                  "allow": true,
                  "type": "c",
                  "major": 5,
                  "minor": 2,
                  "access": "rwm"
                },
                {
                  "allow": true,
                  "type": "c",
                  "major": 136,
                  "access": "rwm"
                }
              ]
            },
            "sysctl": {
              "net.ipv4.ip_unprivileged_port_start": "0",
              "net.ipv4.ping_group_range": "0 2147483647"
            },
            "maskedPaths": [
              "/proc/asound",
              "/proc/acpi",
              "/proc/interrupts",
              "/proc/kcore",
              "/proc/keys",
              "/proc/latency_stats",
              "/proc/timer_list",
              "/proc/timer_stats",
              "/proc/sched_debug",
              "/proc/scsi",
              "/sys/firmware",
              "/sys/devices/virtual/powercap"
            ],
            "readonlyPaths": [
              "/proc/bus",
              "/proc/fs",
              "/proc/irq",
              "/proc/sys",
              "/proc/sysrq-trigger"
            ]
          }
        }
        """
}
