# SPDX-License-Identifier: GPL-2.0-only
# Headers of the tree include headers of the layer, and the recipe copies the tree's alone.
do_install:append:aarch64() {
    for directory in include compat/include arch/arm64/include; do
        (cd ${S} && cp -a --parents pguest/$directory $kerneldir/build)
    done
    chown -R root:root $kerneldir/build/pguest
}
