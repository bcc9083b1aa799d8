// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * gpio-sim and the interrupt simulator it needs, as one module: Debian's kernel has neither. The
 * simulator takes irq_to_desc() for granted, which is for built-in code only; the same descriptor is
 * reached through irq_get_irq_data(), which modules may call.
 */
#include <linux/irq.h>
#define irq_to_desc(number) irq_data_to_desc(irq_get_irq_data(number))
#include "irq_sim.c"
#undef pr_fmt
#include "gpio-sim.c"
