import { klog } from './klog.js';
import { promises } from './promises.js';

promises(klog, {
  samples: [
    'I1121 00:03:28.289967   26871 main.go:17] starting the shop',
    'E1121 00:03:28.290044   26871 main.go:17] "sync failed" err="dial tcp: refused" node="n 1" n=3',
    'E1121 00:03:28.290044   26871 main.go:17] "m" data=<\n\ta\n\tb\n > more="x" last=<\n\tc\n >',
    'W20261120 15:04:22.619632 1952452992 store_unittest.cc:253] Log every 3',
  ],
  pieces: [
    'I1121 ',
    '00:03:28.289967 ',
    '1 ',
    'a.go:1',
    ']',
    ' "m"',
    ' k="v"',
    ' k=<\n',
    '\n >',
    '\n\t',
    '"',
    '\\"',
    ' ',
    '=',
    ':',
    '1',
    'é',
  ],
});
