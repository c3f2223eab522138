/* The page's own script and style: report_*.js and report_*.css, made a part
 * of the program when it is built. */
#ifndef PROCMONCTL_REPORT_ASSETS_H
#define PROCMONCTL_REPORT_ASSETS_H

extern const char report_script[];
extern const char report_style[];

#endif
