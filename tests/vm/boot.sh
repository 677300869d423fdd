#!/bin/sh
# boot.sh BUILD: run the tests of this folder in a virtual machine in which systemd is the service
# manager and control groups are of version 2, neither of which a container has. The machine's root
# is this one's, read-only, under an overlay in memory: nothing here is changed. Not part of
# `make check`: it takes a minute or two, and what apt-get brings (README.md here).
set -eu

build=$(realpath "$1")
source=$(realpath "$(dirname "$0")/../..")
work=$build/vm
mkdir -p "$work"

say() { echo "boot.sh: $*" >&2; exit 1; }

for tool in qemu-system-x86_64 busybox cpio modprobe dpkg-deb; do
    command -v "$tool" >/dev/null || say "$tool is not installed; see $source/tests/vm/README.md"
done
if ldd "$(command -v busybox)" >/dev/null 2>&1; then
    say 'busybox is not the static one (package busybox-static)'
fi

# The kernel of the distribution, with its modules, unpacked and not installed.
if [ ! -d "$work/kernel" ]; then
    package=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image/ { print $2; exit }')
    (cd "$work" && rm -f linux-image-*.deb && apt-get download -q "$package" >&2)
    rm -rf "$work/kernel.new"
    dpkg-deb -x "$work"/linux-image-*.deb "$work/kernel.new"
    rm -f "$work"/linux-image-*.deb
    depmod -b "$work/kernel.new" "$(ls "$work/kernel.new/lib/modules")"
    mv "$work/kernel.new" "$work/kernel"
fi
release=$(ls "$work/kernel/lib/modules")

# The first file system: busybox, the modules that reach this machine's root, and what mounts it.
first=$work/first
rm -rf "$first"
mkdir -p "$first/bin" "$first/modules" "$first/proc" "$first/sys" "$first/dev" "$first/lower" \
    "$first/upper" "$first/root"
cp "$(command -v busybox)" "$first/bin/"
for module in virtio_pci 9pnet_virtio 9p overlay zram; do
    modprobe -d "$work/kernel" -S "$release" --show-depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | {
    number=100
    while read -r path; do
        cp "$path" "$first/modules/$number-$(basename "$path")"
        number=$((number + 1))
    done
}
cat >"$first/init" <<END
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in /modules/*; do insmod "\$module"; done
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,ro,cache=loose host /lower
mount -t tmpfs tmpfs /upper
mkdir /upper/files /upper/work
mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work overlay /root
rm -f /root/etc/fstab
cat >/root/etc/qwguard-test-machine <<SCRIPT
V=${V:-0} /usr/bin/python3 $source/tests/run.py --build $build --only '${ONLY:-}' vm
echo "tests ended: \\\$?"
echo o >/proc/sysrq-trigger
SCRIPT
cat >/root/etc/systemd/system/tests.service <<UNIT
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
ExecStart=/bin/sh /etc/qwguard-test-machine
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
UNIT
exec switch_root /root /lib/systemd/systemd --unit=tests.service --log-level=emerg --show-status=no
END
chmod +x "$first/init"
(cd "$first" && find . | cpio -o -H newc 2>/dev/null | gzip -1 >"$work/first.gz")

accelerator=tcg,thread=multi
if [ -w /dev/kvm ]; then accelerator=kvm; fi
timeout "${VM_LIMIT_S:-600}" qemu-system-x86_64 -accel $accelerator -cpu max \
    -smp 2 -m 2048 -nographic -no-reboot -net none -monitor none -serial stdio \
    -kernel "$work/kernel/boot/vmlinuz-$release" -initrd "$work/first.gz" \
    -append 'console=ttyS0 quiet panic=-1' \
    -fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap \
    -device virtio-9p-pci,fsdev=host,mount_tag=host </dev/null \
    | sed -u 's/\r//g; s/\x1b[][0-9;?]*[A-Za-z]//g' | tee "$work/console.txt" \
    | grep --line-buffered -Ev -e '^$|SeaBIOS|Booting from' \
        -e '(Start|Stop|Finish)(ping|ing|ed|ped) .*\.service' \
        -e '\] (sysrq|reboot|Memory cgroup)' || true
[ "$(sed -n 's/^tests ended: //p' "$work/console.txt")" = 0 ]
