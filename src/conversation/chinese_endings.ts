import type { EndingRule } from "@/conversation/completeness.ts";

/** What the last characters of a Chinese sentence tell. Exceptions stand before what they are exceptions of. */
export const CHINESE_ENDINGS: readonly EndingRule[] = [
  // Whole answers, some of them ending in words that elsewhere need another.
  [
    /^(?:好的?|是的?|对的?|不是|不对|行|可以|没有|没事|谢谢(?:你|您)?|你好|您好|再见|不用了?|当然|知道了)\??$/u,
    "finished",
  ],
  [/(?:是|好|对|行|真|可以|会|他|她|我|你|们|谁|红|黑|白|新|大|小|错)的\??$/u, "marked"],

  // Searching for words.
  [/(?:嗯+|呃+|额|那个|就是说?|这个这个|怎么说)\??$/u, "unfinished"],

  // Particles that close a sentence.
  [/[吗呢吧啊呀嘛啦哦哈了]\??$/u, "finished"],
  [/(?:什么|谁|哪里|哪儿|怎么样|怎么办|多少|几点|为什么)\??$/u, "finished"],

  // Words that need another one after them.
  [
    /(?:和|跟|与|或者?|还是|以及|但是?|可是|不过|因为|所以|如果|要是|虽然|然后|而且|还有|比如|例如|除了|关于)\??$/u,
    "unfinished",
  ],
  [/(?:在|从|给|把|被|向|往|为|为了|对|比|到|用|让|叫|请)\??$/u, "unfinished"],
  [
    /(?:我|你|他|她|们)?(?:想要?|需要|要|想去|打算|准备|应该|能不能|可不可以|帮我|给我|告诉我|觉得|认为)\??$/u,
    "unfinished",
  ],
  [/(?:是|叫做|等于|加|减|乘以?|除以|点)\??$/u, "unfinished"],
  [/(?:很|非常|特别|比较|最|更|太|的)\??$/u, "unfinished"],
  [/[一两三几这那每]\s*(?:个|杯|张|本|件|位|份|块|只|条|家|辆|些)\??$/u, "unsure"],
];

/** A condition without what follows from it. With its marks. */
export const CHINESE_CONDITION = /^(?:如果|要是|虽然|当)[^，,？?]{0,20}$/u;
