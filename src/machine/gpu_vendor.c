/* Vendors of PCI that matter here, by id and by name. Source: https://pci-ids.ucw.cz/ (pci.ids). */
#include "machine/identity.h"

#include "base/macros.h"

static const struct {
    uint64_t vendor;
    const char *name;
} rows[] = {
    { 0x10de, "nvidia" },
    { 0x1002, "amd" },
    { 0x8086, "intel" },
    { 0x15ad, "vmware" },
    { 0x80ee, "virtualbox" },
    { 0x1af4, "red-hat" }, /* virtio-gpu */
    { 0x1b36, "qxl" },
    { 0x1234, "qemu" }, /* the standard VGA of QEMU and Bochs */
    { 0x1414, "microsoft" },
    { 0x1ab8, "parallels" },
    { 0x1013, "cirrus" },
    { 0x102b, "matrox" },
    { 0x1a03, "aspeed" },
    { 0x5333, "s3" },
    { 0x1039, "sis" },
    { 0x1106, "via" },
    { 0x1d17, "zhaoxin" },
    { 0x18ca, "xgi" },
    { 0x126f, "silicon-motion" },
    { 0x19e5, "huawei" },
    { 0x0014, "loongson" },
    { 0x0731, "jingjia" },
    { 0x1ed5, "moore-threads" },
    { 0x106b, "apple" },
    { 0x13b5, "arm" },
    { 0x14e4, "broadcom" },
    { 0x1010, "imagination" },
    { 0x5143, "qualcomm" },
};

const char *gpu_vendor_name(uint64_t vendor)
{
    for (size_t i = 0; i < ROWS(rows); i++) {
        if (rows[i].vendor == vendor)
            return rows[i].name;
    }
    return NULL;
}

bool gpu_vendor_find(const char *name, uint64_t *out_vendor)
{
    for (size_t i = 0; i < ROWS(rows); i++) {
        if (text_equal(rows[i].name, name)) {
            *out_vendor = rows[i].vendor;
            return true;
        }
    }
    return false;
}
