# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Sourced by what runs in the lab machine, which is two things at once: our device with its capture
# chip and its USB device port, and the computer that both are plugged into.

# wait_for SECONDS CMD...: until CMD succeeds; fails when it has not by then. It pauses by reading what
# never comes: to start a sleep(1) takes longer than the pause here.
wait_for() {
    local end=$((SECONDS + $1)) nothing
    shift
    exec {nothing}<> <(:)
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        read -rt 0.05 -u "$nothing" || true
    done
    exec {nothing}>&-
}

# video0 is our HDMI input, video1 the computer's HDMI output. Without scaler and cropping the
# picture is tied to the cable's timings, as on a real receiver.
vivid_up() {
    [ ! -e /dev/video1 ] || return 0
    modprobe vivid n_devs=1 node_types=0x101 num_inputs=1 input_types=0x3 num_outputs=1 \
        output_types=0x1 ccs_cap_mode=0 ccs_out_mode=0 vid_cap_nr=0 vid_out_nr=1
    wait_for 30 test -c /dev/video1
    v4l2-ctl -d 0 -c loop_video=1,osd_text_mode=2 # the output's picture, nothing written over it
}

# What the computer's graphics card does: hdmi unplugged|unstable|unsupported|back, or hdmi MODE,
# a line of the driver's menu of timings.
hdmi() {
    local menu index
    case $1 in
    unplugged) v4l2-ctl -d 0 -c dv_timings_signal_mode=1 ;;
    unstable) v4l2-ctl -d 0 -c dv_timings_signal_mode=2 ;;
    unsupported) v4l2-ctl -d 0 -c dv_timings_signal_mode=3 ;;
    back) v4l2-ctl -d 0 -c dv_timings_signal_mode=4 ;;
    *)  # the menu holds two modes of a clock too slow for it, which the output's enumeration leaves out
        read -r menu index < <(v4l2-ctl -d 0 --list-ctrls-menus | awk -v mode="$1" '
            / dv_timings /  {inside = 1; next}
            inside && $2 == mode {print $1 + 0, n + 0; exit}
            inside && $2 !~ /^720x.*i/ {n++}')
        v4l2-ctl -d 1 --set-dv-bt-timings "index=$index" >/dev/null
        v4l2-ctl -d 0 -c "dv_timings_signal_mode=4,dv_timings=$menu"
        ;;
    esac
}

# One write(2) per call: a report descriptor or report must not be split, as printf does at a 0x0a.
write_hex() {
    local file=$1
    shift
    printf '%b' "$(tr -d ' \n' <<<"$*" | sed 's/../\\x&/g')" | dd bs=64k iflag=fullblock status=none 1<>"$file"
}

gadget=/sys/kernel/config/usb_gadget/lab

# hid_function NAME SUBCLASS PROTOCOL REPORT-LENGTH NO-OUT-ENDPOINT DESCRIPTOR
hid_function() {
    local function=$gadget/functions/hid.$1
    mkdir "$function"
    echo "$2" >"$function/subclass"
    echo "$3" >"$function/protocol"
    echo "$4" >"$function/report_length"
    echo "$5" >"$function/no_out_endpoint" # pointers need none, and dummy_hcd has few
    write_hex "$function/report_desc" "$6"
    ln -s "$function" "$gadget/configs/c.1/"
}

# Our USB device port: keyboard /dev/hidg0, relative mouse /dev/hidg1, absolute pointer /dev/hidg2.
# Source: the boot keyboard and mouse of the HID 1.11 specification, appendix B, widened by wheels,
# five buttons and all usages up to 0xe7.
gadget_up() {
    [ ! -e /dev/hidg2 ] || return 0
    modprobe -a dummy_hcd libcomposite usb_f_hid usbhid hid_generic evdev
    mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
    echo 0 >/proc/sys/kernel/ctrl-alt-del # what is typed reaches this kernel, too
    echo 0 >/proc/sys/kernel/sysrq
    mkdir -p $gadget/strings/0x409 $gadget/configs/c.1
    echo 0x1d6b >$gadget/idVendor
    echo 0x0104 >$gadget/idProduct
    hid_function GS0 1 1 8 0 "05010906a101050719e029e71500250175019508810295017508810395057501
        050819012905910295017503910395067508150025e70507190029e78100c0"
    hid_function GS1 1 2 4 1 "05010902a1010901a10005091901290515002501950575018102950175038101
        05010930093109381581257f750895038106c0c0"
    hid_function GS2 1 2 6 1 "05010902a1010901a10005091901290515002501950575018102950175038101
        050109300931150026ff7f350046ff7f751095028102050109381581257f35004500750895018106c0c0"
    ls /sys/class/udc >$gadget/UDC
    wait_for 30 test -c /dev/hidg2
}

# The computer's front panel on a PCA9554 behind an I2C bus that is only memory: eight lines, no
# interrupt, and a level that stays when nobody holds the line.
pca_up() {
    if [ ! -e /dev/i2c-0 ]; then
        modprobe i2c-stub chip_addr=0x20
        modprobe -a i2c-dev gpio-pca953x
        wait_for 30 test -c /dev/i2c-0
        local register
        for register in '0 0x00' '1 0xff' '2 0x00' '3 0xff'; do # as after its power-on reset
            # shellcheck disable=SC2086 # number and value
            i2cset -y 0 0x20 $register
        done
        echo pca9554 0x20 >/sys/bus/i2c/devices/i2c-0/new_device
    fi
    wait_for 30 compgen -G '/sys/bus/i2c/devices/0-0020/gpiochip*'
}

pca_chip() {
    basename /sys/bus/i2c/devices/0-0020/gpiochip*
}

# pca_register NUMBER [VALUE]: 0 inputs, 1 output levels, 3 directions (1 is input)
pca_register() {
    if [ $# = 1 ]; then i2cget -f -y 0 0x20 "$1"; else i2cset -f -y 0 0x20 "$1" "$2"; fi
}

panel=/sys/kernel/config/gpio-sim/panel

# The front panel on lines that have names and interrupts; what we drive falls back when we let go.
sim_up() {
    [ ! -e $panel ] || return 0
    modprobe gpio-sim-lab
    mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
    mkdir -p $panel/bank
    echo 8 >$panel/bank/num_lines
    echo front-panel >$panel/bank/label
    local name offset=0
    for name in power-btn reset-btn power-led disk-led; do
        mkdir $panel/bank/line$offset
        echo $name >$panel/bank/line$offset/name
        offset=$((offset + 1))
    done
    echo 1 >$panel/live
    wait_for 30 gpiofind power-btn
    echo pull-up >"$(sim_file 1 pull)" # the reset button is active-low, as its computer has it
}

# sim_file OFFSET FILE: value is the line's level, pull what the computer does to it
sim_file() {
    echo "/sys/devices/platform/$(cat $panel/dev_name)/$(cat $panel/bank/chip_name)/sim_gpio$1/$2"
}

# Takes that gadget apart again.
gadget_down() {
    [ -d $gadget ] || return 0
    [ -z "$(cat $gadget/UDC)" ] || echo >$gadget/UDC
    rm $gadget/configs/c.1/hid.*
    rmdir $gadget/functions/* $gadget/configs/c.1 $gadget/strings/0x409 $gadget
}

# What the computer has for all that may come by USB, and our port, without any gadget: that is the
# daemon's to make.
computer_usb_up() {
    modprobe -a dummy_hcd usbhid hid_generic evdev usb_storage sd_mod sr_mod cdc_ncm rndis_host
    echo 0 >/sys/module/usb_storage/parameters/delay_use # udev is not there to be waited for
    echo 0 >/proc/sys/kernel/ctrl-alt-del
    echo 0 >/proc/sys/kernel/sysrq
}

# What the computer calls the second drive of pantographd's gadget.
second_drive() {
    wait_for 30 compgen -G '/sys/bus/usb/devices/1-1:1.*/host*/target*/*:*:*:1/block/*'
    basename /sys/bus/usb/devices/1-1:1.*/host*/target*/*:*:*:1/block/* | sed 's,^,/dev/,'
}
