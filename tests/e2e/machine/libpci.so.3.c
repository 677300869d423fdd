/* A libpci that shows the devices of FAKE_MACHINE_PCI instead of the machine's: words of
 * VENDOR:DEVICE:CLASS in hexadecimal digits, in the order of the bus. Only what Chromium's
 * collector calls is there. Loaded with LD_PRELOAD, its soname stands in for the real library.
 * Source: pciutils 3.9, lib/pci.h (struct pci_access and struct pci_dev up to what is read);
 * Chromium gpu/config/gpu_info_collector_linux.cc (87), ANGLE
 * src/gpu_info_util/SystemInfo_libpci.cpp (102). */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define DEVICES_MAX 8
#define FILL_IDENTITY_CLASS 0x21

struct pci_dev {
    struct pci_dev *next;
    uint16_t domain;
    uint8_t bus, dev, func;
    unsigned known_fields;
    uint16_t vendor_id, device_id, device_class;
    int irq;
    uint64_t rest[64]; /* nobody reads it, but the real one has more */
};

struct pci_access {
    unsigned method;
    int writeable, buscentric;
    char *id_file_name;
    int free_id_name, numeric_ids;
    unsigned id_lookup_mode;
    int debugging;
    void (*error)(char *format, ...);
    void (*warning)(char *format, ...);
    void (*debug)(char *format, ...);
    struct pci_dev *devices;
    uint64_t rest[64];
};

struct pci_access *pci_alloc(void);
void pci_init(struct pci_access *access);
void pci_cleanup(struct pci_access *access);
void pci_scan_bus(struct pci_access *access);
int pci_fill_info(struct pci_dev *device, int fields);
uint8_t pci_read_byte(struct pci_dev *device, int position);
char *pci_lookup_name(struct pci_access *access, char *buffer, int size, int flags, ...);

static struct pci_access fake_access;
static struct pci_dev fake_devices[DEVICES_MAX];

struct pci_access *pci_alloc(void)
{
    return &fake_access;
}

void pci_init(struct pci_access *access)
{
    access->devices = NULL;
}

void pci_cleanup(struct pci_access *access)
{
    access->devices = NULL;
}

void pci_scan_bus(struct pci_access *access)
{
    const char *at = getenv("FAKE_MACHINE_PCI");
    struct pci_dev **link = &access->devices;
    unsigned vendor, device, class;
    int length;
    for (size_t i = 0; at && i < DEVICES_MAX; i++, at += length) {
        if (sscanf(at, " %4x:%4x:%4x%n", &vendor, &device, &class, &length) != 3)
            break;
        fake_devices[i] = (struct pci_dev){ .bus = (uint8_t)(i + 1),
                                            .known_fields = FILL_IDENTITY_CLASS,
                                            .vendor_id = (uint16_t)vendor,
                                            .device_id = (uint16_t)device,
                                            .device_class = (uint16_t) class };
        *link = &fake_devices[i];
        link = &fake_devices[i].next;
    }
}

int pci_fill_info(struct pci_dev *device, int fields)
{
    (void)device;
    return fields;
}

/* The revision is what is read; no list asks for it on Linux. */
uint8_t pci_read_byte(struct pci_dev *device, int position)
{
    (void)device;
    (void)position;
    return 0;
}

char *pci_lookup_name(struct pci_access *access, char *buffer, int size, int flags, ...)
{
    (void)access;
    (void)flags;
    if (size > 0)
        buffer[0] = '\0';
    return buffer;
}
