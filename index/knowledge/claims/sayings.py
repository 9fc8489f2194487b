"""How texts say who stands behind them: patterns over folded text, or the text as written where names are read."""

import re

DATELINE = re.compile(
    r"[^，。,;；\d]{2,14}(?:\d{4} ?年 ?)?\d{1,2} ?月 ?\d{1,2} ?日(?:晚间?|早间|凌晨|上午|下午)?(?:消息|讯|电"
    r"|报道)(?=[，,\s：:（(【])|[^，。,;；]{2,24}(?:讯|电)(?=[（(\s])"
)
"""Where a wire says that it is news: IT之家 8 月 9 日消息. Nobody is cited by that."""
NOT_THEMSELVES = re.compile(
    r"人士|消息|经销商|供应商|代理商|供应链|渠道|员工|爆料|关系|客户|网友|博主|媒体|的人|人员透露|离职|股价|股东|内部"
    r"|竞争对手|对手|[市投资]者|机构|分析师|证券|否|让|使|令|向|给|被|由"
    r"|\b(?:people|persons?|sources?|insiders?|suppliers?|customers?|employees?|analysts?|rivals?|investors?|familiar|"
    r"shares|close to|reports?|documents?|and|but|that|which|who|when|where|while|as|than|because|after|before|with)\b"
)
"""What stands between a company's name and the verb where somebody else speaks."""
APPOSED = re.compile(
    r"(?:旗下|子公司|首席|总裁|董事长|高管|发言人|ceo|cfo|cto|副总|负责人|官方|创始人|执行长|总经理|创办人|主席|工程师|[（(])"
)
ANALYSTS_AT = re.compile(
    r"[Aa]nalysts? (?:at|with|from) ((?:[A-Z][\w&.'-]+ ?){1,3})"
    r"|(?:证券|投行|机构|公司|研究所)?([一-鿿]{2,6}(?:证券|研究院|研究所|咨询|国际|资本))(?:的)?(?:首席|资深|分析师|发布"
    r"|报告|研报|预计|预测|指出|认为|表示)"
)
ANALYST_WORD = re.compile(
    r"\banalysts?\b|分析师|分析人士|分析认为|研究机构|调研机构|市调机构|咨询机构|家机构|(?:多家|有|各)?机构(?:普遍|则|也)?(?:认为"
    r"|预计|预测|预期|指出|估计|估算)"
    r"|投行|券商|研报|research firm|法人(?:预期|预估|估|认为)|业界(?:估算|预估|预计)|compiled by|报告显示"
    r"|报告(?:进一步)?(?:指出|认为|预测|预计)|据统计|统计数据|调查显示"
)
NOT_BY_ANALYSTS = re.compile(
    r"(?:told|asked by|on a call with) (?:the |an? )?analysts?|analysts?'? (?:estimates|expectations|forecasts|consensus)"
    r"|(?:than|what) analysts"
    r"|average analyst estimate|(?:高于|低于|超过|超出|优于|好于|不及|符合|对)[^，。；,;]{0,8}(?:分析师|法人|投行|券商)"
    r"|(?:分析师|法人)[^，。；,;]{0,6}(?:预期|会议|电话会|日)"
)
"""Analysts who are spoken to, or whose expectations are beaten, say nothing themselves."""
REPORT_SHOWS = re.compile(r"(?:该|这份|据|根据)?(?:财务|业绩)?(?:报告|财报|数据)(?:还|也|同时|进一步)?(?:显示|指出|表明)")
RESULTS = re.compile(r"财报|财务报告|业绩报告|季报|半年报|年报|业绩")
"""A report that shows, and what says before it that it is a company's own."""
OUR_RECKONING = re.compile(r"\b(?:our|my) (?:reckoning|estimate|count)|works out at|\bI (?:reckon|put|count)")
ACCORDING = re.compile(
    r"according to (?:the |its |his |an? |both )*|\bby ([a-z]+)'s account|\bin the words of "
    r"|(?<![数证占依根论])据(?!悉|了解|介绍|说|此|统计|称|传|点)|根据|按照|引述|援引"
)
UNNAMED_PEOPLE = re.compile(
    r"(?:知情|消息|业内|行业|业界|内部|产业|供应链|相关|接近[^，。]{0,14}的?|熟悉[^，。]{0,14}的?|关系密切的|产业链)人士"
    r"|消息源|消息称|爆料者?|爆料人|博主|网友|员工|经销商|代理商|供应商|渠道商|传闻|坊间|消息指"
    r"|有媒体|业内|市场传|传出|有说法|有传言"
    r"|\b(?:people|persons?|sources?|insiders?|employees|suppliers|dealers|distributors)\b"
)
NAMED_MEDIUM = re.compile(
    r"(?:据|根据|援引|引述|消息源|爆料[者人]|博主|网友|用户)\s?(?:(?:国外|海外|国内|外国|外电|知名|科技|行业|专业)?(?:外媒"
    r"|媒体|网站|博主|爆料人士?|平台|网友|社交平台|记者)|X（推特）用户)?\s?"
    r"[@《「“]?(?P<name>[A-Z][\w.+'&-]{0,24}(?: [A-Z0-9][\w.+'&-]{0,24}){0,3}|[一-鿿]{2,8}?(?:网|社|报|日报|时报|新闻|周刊"
    r"|财经"
    r"|电视台|科技))[》」”]?\s?(?:等媒体|网站|的?消息|日前|今日|近日|此前|昨日|最新)?"
    r"(?:[^，。；,;]{0,10}?)(?:报道|报导|消息|爆料|透露|称|援引|表示|分享|曝光|获悉)"
)
"""A medium that the catalogue does not know: 据 Videocardz 报道."""
MEDIUM_SUBJECT = re.compile(
    r"(?P<name>[A-Z][\w.+'&-]{0,24}(?: [A-Z0-9][\w.+'&-]{0,24}){0,2}) ?(?:援引|引述|今日曝光|此前报道|此前曝光|日前曝光"
    r"|报道称|爆料称"
    r"|曝光了)"
)
PERSON_REPORTS = re.compile(
    r"(?P<name>(?!此前|日前|近日|今日|昨日|有|据|多|又|外媒|媒体|曾)[一-鿿]{2,4})(?:此前|近日|昨日|日前|也)?(?:报道|爆料"
    r"|曝光)"
)
HEARSAY = re.compile(r"据悉|据了解|据介绍|据说|据称|据传|\bit is understood\b")
BACKGROUND = re.compile(
    r"it之家(?:注|附|整理|备注|查询|在此)|资料显示|公开资料|作为(?:对比|参考)|(?:相)?对比之下|过去|值得(?:注意|一提)|事实上"
    r"|实际上|众所周知|回顾|不过，|然而|但是?，|此前，|本文|相关阅读|广告声明|注：|鉴于|如果|若|由于|因此|如此算来"
    r"|根据|按照|据(?!悉|了解|介绍|称|说)"
    r"|as background|for comparison|by contrast|meanwhile|\bearlier this|\bpreviously\b|however|\bbut\b"
)
"""How a sentence begins that turns from what somebody says to what the writer knows."""
OF_THE_PAST = re.compile(r"(?:早在|去年|前年|20[012]\d ?年)(?![^。]{0,40}(?:将|预计|目标))|(?:in )?(?:last year|20[012]\d),")
WRITERS_OWN = re.compile(r"意味着|这表明|股价|市值|收于|收盘|收报|被解读|被视为|\bshares (?:rose|fell|closed)|market value")
"""What hardly ever is part of what somebody said the sentence before: conclusions, and prices of shares."""
THEIR_OWN = re.compile(r"自己的|自身的?|公司自己|官方")
"""Where a company's own figure stands beside what others estimate."""
NO_PLANS = frozenset(("预期", "目标", "未来", "估计", "预测", "可能"))
"""Words of what is to be that do not tell whose forecast it is."""
BEGINS_WITH_THEM = re.compile(r"[他她]|该?公司|该机构|报告|\b(?:it|he|she|they|the company|the firm|the report)\b")
RELATIVE = re.compile(r"\b(?:which|that|whom) (?:[\w'-]+ ){0,3}$")
OF_SOMETHING = re.compile(r"的(?!ceo|首席|总裁|董事|高管|发言人|副总|负责人|创始人|代表|官方|财务|研究|工程|主管|说法)")
TITLED = re.compile(
    r"(?:董事长|主席|CEO|ceo|首席[一-鿿]{1,3}官|总裁|总经理|创始人|创办人|执行长|财务长|副总|发言人|负责人"
    r"|主管)(?:[兼及、和](?:CEO|[一-鿿]{2,8}?))?[ 　]?"
    r"(?P<han>[A-Z][a-z]+(?:[ ·][A-Z][\w.'-]+){1,3}|[一-鿿]{2,3})"
    r"|\b(?:[Cc]hair(?:man|woman)|[Cc]hief [Ee]xecutive|CEO|CFO|[Cc]hief [\w ]{3,16} [Oo]fficer|[Pp]resident|[Ff]ounder"
    r"|[Ss]pokes\w+|[Ee]xecutive|[Hh]ead of [\w ]+|[Dd]irector|[Mm]anager)(?: of [A-Z]\w+)?,? "
    r"(?P<after>[A-Z][a-z]{1,20}(?: [A-Z][\w.'-]+){1,3})"
    r"|(?P<before>[A-Z][a-z]{1,20}(?: [A-Z][\w.'-]+){1,3}),? (?:the |its |who is |an? )?(?:\w+ ){0,3}?(?:[Cc]hair(?:man"
    r"|woman)"
    r"|[Cc]hief [Ee]xecutive|CEO|CFO|[Pp]resident|[Ff]ounder|[Dd]irector|[Hh]ead)\b"
)
"""Somebody who is introduced with what he or she is: 鸿海董事长刘扬伟; TSMC chairman Mark Liu."""
PRO_DROP = re.compile(
    r"(?:今年|去年|昨[日天]|今[日天]|[\d年月日 ]|又|还|并|也|此前|随后|日前|近日|同时|正式|不过|但|另外|此外|[，,])*"
)
THEY_SAY = re.compile(
    r"[他她]|该(?:机构|报告|媒体|人士|消息)|报告|\b(?:he|she|the report|the analysts?|the people|the person)\b"
)
"""Who began what somebody studied or reported, and goes on."""
NO_NAME = re.compile(
    r"^[在与对从按据将]|有$|^[上本下]周|^[昨今前]|之前|此前|根据|媒体|最新|官方|公开|初步|相关|消息|报道|国外|^(?:IT|X|AI)$|^(?:it|IT)之家"
)
"""What is no name though it stands where one may."""
DOCUMENT = re.compile(
    r"(?:'s?|的|在)[^,.，。；]{0,30}?(?:\bpaper|blog post|\bfilings?\b|annual report|white paper|technical report"
    r"|data ?sheet|论文|博客|白皮书|年报|半年报|招股书|业绩报告|财报|规格表)"
)
"""What follows the name of a company whose paper or filing it is."""
NONE_GIVEN = re.compile(r" (?:no|neither|little|nothing)\b")
BRACKETS = re.compile(r"[（(][^（()）]*[）)]")
STUDY = re.compile(
    r"(?<![数证占依根论])据(?P<name>[一-鿿A-Za-z][一-鿿\w .&'-]{1,18}?)(?:公司|机构)?(?:(?:的|最新|发布|实时|相关"
    r"|年度)[^，。；,;据]{0,8})?"
    r"(?:数据|统计|报告|调查|追踪器|研究)[^，。；,;]{0,4}(?:显示|指出|表明)"
)
"""A study of somebody whom the catalogue does not know: 据福布斯的统计显示."""
CONTINUES = re.compile(
    r"此外|另外|其中|同时|并|还|也|[他她]|该(?:公司|机构|报告|报道|媒体|人士|芯片|产品|款)|公司|报告|报道|这[款颗项些家批]"
    r"|其(?!他|它|余|实|次)|预计|未来|具体|性能|训练|推理|产品|价格|按|到20|至20|目标|新"
    r"|\b(?:it|he|she|they|the (?:company|firm|report|chip|part|chipmaker|researchers?|new)|that|this|those|also"
    r"|in addition|further|its|mass|volume|production|training|inference)\b"
)
WHO = re.compile(
    r"(?:(?<![一-鿿])|该|本|这家)公司(?!的?[客股])|官方|[他她]|首席|总裁|董事长|高管|财报|执行长|财务长"
    r"|\b(?:it|he|she|they|the company|the firm|company|chipmaker|"
    r"executives?|chief|president|spokes\w+|by its|its|the authors|the paper|researchers|engineers)\b|论文|作者"
)
PASSIVE = re.compile(r"\b(?:was|were|been|is|are) (?:\w+ )?$")
NOT_SAID = re.compile(
    r"(?:未|没有|尚未)[^，。；,;]{0,10}$|(?:被|并未|尚未|暂未|未曾|不愿|拒绝|即将|将|将会|计划|拟|有望|预计|准备|或将|要|可能"
    r"|打算)[^，。；,;]{0,4}$"
    r"|\b(?:not|declined to|will|would|to|plans to|expected to) $"
)
CITED_TO = re.compile(
    r"\b(?:told|telling|interview with|speaking to|asked by)\s|接受[^，。；,;]{0,10}采访|对[^，。；,;]{0,12}(?:表示|称|说)|告诉"
)
OPENS = re.compile(r"[\s，。：:、\"“”「正文]*")
HEADLINE = re.compile(r" ?[：:]")
