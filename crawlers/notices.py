"""What a publisher says to its readers amid an article, by its words: subscribe, follow us, share, read also, all rights reserved.

Only short paragraphs are looked at, and most wordings count only where they begin one: an article may well be about a newsletter.
"""

import re

LONGEST = 420
"""Columns; a longer paragraph is the article's own."""

_BRIEF, _LONGEST_BIO = 320, 600

_EXACT = re.compile(
    r"\W*(?:advertisements?|sponsored|sponsored (?:content|by)|promoted(?: content)?|story continues(?: below)?(?: advertisement)?"
    r"|article continues (?:below|after).{0,30}|(?:continue|keep) reading(?: below)?.{0,20}|scroll (?:down )?to continue.{0,30}"
    r"|share(?: this(?: \w+)?| on \w+)?|tweet|pin(?: it)?|e-?mail|print|copy link|facebook|twitter|whatsapp|linkedin|reddit|telegram"
    r"|pinterest|instagram|comments?|\d+ comments?|leave a comment|no comments?(?: yet)?|reply|loading(?:\.\.\.|…)?|close|menu|search"
    r"|skip to (?:main )?content|back to top|sign ?up|sign ?in|log ?in|subscribe(?: now)?|subscribe today|register|newsletter"
    r"|related(?: \w+)?|related:?|see more|more|read more|show more|view (?:more|all|gallery)|next|previous|image|photo|video|play|audio"
    r"|listen|transcript|save|bookmark|follow|like|tags|topics|topics:|most (?:read|popular|viewed)|trending(?: now)?|popular"
    r"|you (?:may|might) also like.{0,20}|recommended(?: for you)?.{0,20}|enlarge|click to enlarge|view (?:larger )?image|cookies?"
    r"|广告|廣告|赞助|贊助|推广|分享|分享到|分享至|轉發|转发|评论|評論|留言|收藏|点赞|點讚|打印|列印|字号|字號|返回|返回顶部|回到頂部|加载中|正在加载"
    r"|展开全文|展開全文|阅读全文|閱讀全文|阅读原文|閱讀原文|点击查看|上一篇|下一篇|上一页|下一页|更多|查看更多|相关新闻|相關新聞|相关文章|相關文章|关键词|关键字"
    r"|举报|纠错|订阅|訂閱|登录|登入|注册|註冊|搜索|搜尋|二维码|精彩视频推荐|热门推荐|為您推薦|为您推荐|猜你喜欢|猜你喜歡|(?:本文)?完|end|the end"
    r")[\W_]*",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    r"[\W_]*(?:"
    # related reading
    r"(?:read|see|watch|listen) (?:more|also|next|now|here)\b\s*(?:[:|–—-]|on |about |at )|also (?:read|see|watch)\b\s*[:|–—-]|must read"
    r"|related(?: (?:articles?|stor(?:y|ies)|posts?|content|reading|links?|news|coverage|topics?|video))?\s*[:|]|more (?:on this|from|stories|news|about this)\b"
    r"|(?:you (?:may|might)|readers) (?:also )?(?:like|be interested|enjoy)|don.t miss\b|recommended (?:reading|for you|stories)|up next\b"
    r"|(?:previous|next) (?:article|post|story)\b"
    # newsletters, accounts, apps
    r"|(?:please )?(?:subscribe|sign[- ]?up)\b.{0,60}\b(?:newsletters?|updates?|alerts?|e-?mails?|inbox|free|today|now|here|list|channel|subscriber|feed|notifications?|edition|full (?:story|access))"
    r"|subscribe to (?:our|the|us|my|this)\b|sign[- ]?up (?:for|to) (?:our|the|my|a|get|receive)\b"
    r"|(?:get|receive|have) .{0,80}\b(?:in|to|into) your (?:inbox|e-?mail|mailbox)|(?:get|receive) (?:the|our|all the|a) (?:latest|best|daily|weekly|free|top|day.s|must-read).{0,60}\b(?:newsletter|stories|news|updates|alerts|headlines|e-?mail)"
    r"|never miss\b|stay (?:up[- ]to[- ]date|informed|connected|tuned|updated|in the know) (?:with|on|to|by|about)?|keep up (?:to date )?with (?:the latest|all the|our)"
    r"|(?:by )?(?:signing|subscribing|clicking|submitting|entering) (?:up|your|to|this|the|“|\")"
    r"|(?:please )?(?:log|sign) ?in (?:or|to|with)\b|already (?:a|an) (?:\w+ )?(?:subscriber|member)|not a (?:subscriber|member)|if you.{0,60}already (?:a|an) (?:subscriber|member)"
    r"|to (?:view|read|continue|access|see|post|leave|comment)\b.{0,60}\b(?:subscribe|sign|log|register|members?\b|subscription|account)"
    r"|(?:become|join as) an? (?:\w+ )?(?:member|subscriber|patron|supporter)|your subscription"
    r"|(?:please )?(?:follow|like|join|find|add|connect with) (?:us|me|our|the [\w ]{2,40}|[\w. ]{2,40}) (?:on|via|at|page on) (?:our )?(?:twitter|x\b|facebook|instagram|linkedin|youtube|telegram|whatsapp|tiktok|google|mastodon|bluesky|threads|weibo|social)"
    r"|follow us\b|follow @?\w+ on\b|(?:download|get|install) (?:our|the|this) .{0,60}\bapps?\b|for the latest .{0,100}\b(?:apps?|follow|subscribe|sign|visit|newsletter|download)"
    r"|(?:please )?(?:support|donate|contribute)\b.{0,40}\b(?:us|our|journalism|work|reporting|site|independent)\b|we rely on (?:your|reader|donation)"
    r"|(?:please )?(?:consider )?(?:donating|making a donation|becoming a (?:member|patron|subscriber))|your (?:support|donation|contribution) (?:helps|makes|keeps|matters|is)"
    r"|(?:do you )?(?:have|got) (?:a|any|something|some) (?:story|news|tips?|question|comment|correction|information)\b.{0,100}\b(?:e-?mail|contact|send|call|write|let us|get in touch|tell us)"
    r"|(?:send|submit|e-?mail) (?:us|your|letters|news|tips|comments|feedback|in)\b|(?:please )?contact (?:us|the (?:author|writer|reporter|newsroom|editor))\b|to (?:report|suggest) (?:an?|a typo)"
    r"|(?:please )?(?:leave|share|post|write|add) (?:a |your )(?:comment|reply|thoughts|feedback|opinion)s?\b|(?:what do you think|let us know|tell us)\b.{0,60}\b(?:comments?|below|twitter)|join the (?:conversation|discussion|debate)"
    r"|(?:some )?comments (?:may|are|will|have been|is)\b|your e-?mail address will not be"
    r"|(?:share|tweet|pin|print|e-?mail) (?:this|on|via|to|with)\b.{0,40}$|click here (?:to|for)\b|(?:click|tap) (?:on )?the\b"
    # rights and disclosures
    r"|(?:copyright|©|\(c\)|copyleft)\s*(?:©|\(c\))?\s*(?:of |by )?\W*(?:\d{4}|[A-Z])|all rights reserved|(?:this|the) (?:material|article|content|story|page|post|document|website) (?:may not|must not|cannot) be"
    r"|(?:this|the) (?:article|story|content|material) is (?:the )?(?:copyright|property|intellectual property|protected)|reproduc(?:tion|ed) .{0,60}\b(?:permission|prohibited|forbidden)"
    r"|(?:written|prior|express) (?:\w+ )?(?:permission|consent)|no part of this|republish(?:ed|ing)?\b.{0,60}\b(?:permission|licen[cs]e|agreement)"
    r"|(?:affiliate )?disclosure\s*:|(?:this|the) (?:post|article|page|site|story|website) (?:may )?(?:contains?|includes?|uses?) (?:\w+ )?(?:affiliate|references? to products|sponsored|links? to)"
    r"|(?:we|our \w+|this site|the site|\S+ (?:\w+ )?(?:is|are)) (?:may|might|could|will)? ?(?:earns?|receives?|gets?|makes?|collects?)\b.{0,60}\b(?:commissions?|compensation|share of|revenue|percentage|fee)"
    r"|(?:when|if) you (?:buy|purchase|click|make a purchase|shop|sign up).{0,80}\b(?:commission|compensation|affiliate|earn)|as an amazon associate"
    r"|(?:we|our (?:editors|team|writers|experts)) (?:independently |only |carefully |may |have )*(?:recommend|research|select|review|test|choose|chose)\w*\b.{0,80}\b(?:products?|items?|links?|services?|commissions?)"
    r"|(?:advertis(?:er|ing)|editorial|affiliate) (?:disclosure|disclaimer|note|policy|guidelines)\b|the (?:views|opinions)(?: and \w+)? expressed\b|disclaimer\b|terms (?:and conditions )?apply"
    r"|(?:we use|this (?:web)?site uses) cookies|cookies? (?:policy|settings|preferences)"
    # stamps
    r"|(?:last )?(?:updated|modified|published|posted|release date|first published|last (?:update|modified|updated))(?: on| at)?\s*:?\s*(?:[a-z]{3,9}\.?,? )?(?:\d|[a-z]{3,9}\.? \d)"
    r"|(?:release date|last (?:modified|updated|update)|(?:news |post |publication )?date(?: (?:published|posted))?|category|categories|tags?|tagged(?: with| as| in)?|filed under|posted (?:in|by)|keywords?|labels?|topics?|reading time|word count|views|source link|permalink|sku|isbn)\s*:"
    r"|\d+ (?:min(?:ute)?s?)[ -]read\b|estimated reading time"
    r")",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"[\W_]*(?:(?:photo(?:graph)?s?|image|picture|illustration|video|graphic|cover|featured image|header image|main image|lead image|screenshot)\s*(?:credits?|courtesy|source|by|via|from|:)"
    r"|credits?\s*:|(?:getty images|shutterstock|istock|ap photo|afp|reuters|alamy|unsplash|pixabay|bloomberg)\b[^.]{0,40}$"
    r"|by .{2,40}\b(?:getty|shutterstock|reuters|afp|ap photo|alamy)\b"
    r"|(?:图片|圖片|图|圖|配图|题图|封面图?|照片|影像|摄影|攝影)\s*(?:来源|來源|源|/|／|:|：|by\b|\|)|[（(](?:图|圖)[/／:：])",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    r"[\W_]*(?:"
    r"(?:更多|相关|相關|延伸|推荐|推薦|热门|熱門|往期|精彩|扩展|擴展|同类|猜你|编辑推荐|为你|為你|您可能|你可能|大家都在|热点|今日)"
    r"(?:阅读|閱讀|新闻|新聞|文章|报道|報導|链接|連結|推荐|推薦|内容|內容|资讯|資訊|回顾|回顧|喜欢|喜歡|专题|專題|还喜欢|感兴趣|精彩|话题)"
    r"|(?:免责|免責|版权|版權|法律|风险|風險|广告|廣告|特别|郑重|版本)(?:声明|聲明|提示|说明|所有|归|歸|信息)"
    r"|(?:声明|聲明)\s*[:：]|本文(?:内容)?(?:仅|僅|只|不代表|不构成|系|系转载|来自|转载|首发|已获|由.{2,20}(?:授权|转载)|版权|版權|为.{2,20}(?:原创|独家))"
    r"|(?:以上|文中|文章|本站|本网|本平台|平台|凡)(?:内容|內容|观点|觀點|信息|注明|註明|所有|刊载|转载|所载|上述|文章|本网|内容来源).{0,30}(?:代表|参考|參考|负责|負責|立场|立場|侵权|侵權|版权|版權|建议|建議|来源|學習|学习)"
    r"|(?:仅|僅)(?:供|代表|为)|(?:不代表|不构成|不構成)(?:本|任何|投资|投資)|投资有风险|投資有風險|股市有风险|市场有风险"
    r"|(?:未经|未經|如需|如有|如涉|若|请勿|禁止|严禁|轉載|转载|欢迎转载|商业转载|任何).{0,24}(?:转载|轉載|授权|授權|侵权|侵權|联系|聯繫|聯絡|注明|註明|删除|刪除)"
    r"|(?:【|\[|（)?\s*(?:责任编辑|責任編輯|责编|責編|编辑|編輯|校对|校對|审核|審核|监制|排版|值班编辑|本文编辑|作者简介|编译|文字编辑|实习编辑)\s*[:：/／丨|]"
    r"|(?:关注|關注)(?:我们|我們|公众号|公眾號|微信|本|官方|@|“|「|【|\s*[:：])|(?:扫码|掃碼|扫描(?:上|下|二维码|图)|掃描(?:上|下|QR)|长按|長按|扫一扫|掃一掃|微信(?:公众号|搜索|扫|关注)|添加微信|点击(?:上方|下方|左下|蓝字|这里|進入|进入|关注|查看|下载)|欢迎(?:关注|订阅|扫码|加入)|歡迎(?:關注|訂閱|加入)|加入(?:我们|社群|微信群|读者群)|订阅(?:我们|本|电子报|newsletter)|訂閱(?:電子報|我們|本|頻道)|下载(?:客户端|APP|本|我们)|下載(?:APP|本))"
    r"|(?:追蹤|追踪|按讚|按赞|分享(?:到|至|给|此|本|這|这))|(?:点赞|點讚|转发|收藏|在看|打赏|赞赏)(?:、|，|和|本|支持|\s|$)"
    r"|(?:我要评论|发表评论|發表評論|网友评论|網友評論|评论列表|全部评论|热门评论|最新评论|查看评论|登录后|登入後|文明上网|您需要登录|请登录|用户评论)"
    r"|(?:上|下)一(?:篇|条|條|则|則)\s*[:：]?|(?:标签|標籤|关键词|關鍵詞|关键字|關鍵字|分类|分類|栏目|阅读量|浏览次数|点击次数|阅读数|点击数|人气|字号|字體|字体)\s*[:：]"
    r"|(?:发布|發布|发表|發表|更新|编辑|编辑时间|最后更新|页面更新|發佈|發稿)(?:时间|時間|日期|于|於)?\s*[:：]\s*\d{4}|打开(?:APP|客户端|微信)|返回(?:首页|搜狐|列表|新浪)|特此声明|举报(?:邮箱|电话)"
    r")",
    re.IGNORECASE,
)
_ANYWHERE = re.compile(
    r"all rights reserved|may not be (?:published|reproduced|republished|copied|broadcast|redistributed)|without (?:the )?(?:express(?:ed)? |prior )?(?:written )?permission"
    r"|(?:to|in|into) your inbox\b|(?:privacy policy|terms of (?:service|use)) (?:and|apply|&)|unsubscribe (?:at )?any ?time"
    r"|follow .{2,60} on (?:twitter|facebook|instagram)\b.{0,40}(?:facebook|twitter|instagram|@\w+)|(?:e-?mail|contact|call|reach) (?:us|him|her|them) at\b"
    r"|protected by recaptcha|(?:sign up|subscribe|register|donate|join|apply) (?:here|now|today|below)\W*$"
    r"|未经(?:许可|授权|允许|本网|本站|同意|书面).{0,16}(?:不得|禁止|请勿)|不得转载|禁止转载|转载请(?:注明|联系|标明)|轉載請|請勿轉載|版权(?:所有|归)|版權所有|侵权必究|不代表本(?:站|网|報|报|平台|公司|刊)"
    r"|仅供(?:学习|参考|交流|研究|读者)|僅供(?:學習|參考)|据此(?:操作|投资|入市)|风险自(?:担|负)|如有侵权|权益归.{2,14}所有",
    re.IGNORECASE,
)
_BIO = re.compile(
    r"[\W_]*(?:about the author|the (?:author|writer) (?:is|has|can)|(?:[A-Z][\w.'’-]+ ){1,4}(?:is|was|has been) (?:an?|the|our|currently|professor|assistant|associate|senior|director|editor|co-?founder|founder)\b"
    r".{0,120}\b(?:writer|reporter|editor|journalist|correspondent|columnist|contributor|author|blogger|founder|consultant|professor|lecturer|fellow|freelance\w*|staff|producer|expert|analyst|director)\b"
    r"|(?:[A-Z][\w.'’-]+ ){1,4}(?:writes|covers|reports|contributed|blogs)\b|(?:reporting|writing|editing|edited|additional reporting|compiled|translated) by\b)"
)


_CONCEPTS = re.compile(
    r"\b(?:(?P<account>subscri(?:b\w+|ptions?)|sign(?:ing)?[- ]?up|registered|register|log(?:ging)?[- ]?in|sign(?:ing)?[- ]?in|members?|memberships?)"
    r"|(?P<letter>newsletters?|inbox|e-?mails?|mailing list|alerts|notifications|bulletins?)"
    r"|(?P<network>facebook|twitter|instagram|youtube|linkedin|telegram|whatsapp|tiktok|weibo|wechat|mastodon|bluesky|social media)"
    r"|(?P<app>apps?|ios|app store|google play|download)|(?P<follow>follow us|like us|join us|find us|visit us)"
    r"|(?P<rights>copyright(?:ed)?|all rights|permission|reprint(?:ed)?|reproduc\w+|republish\w*|redistribut\w+|licen[cs]ed under)"
    r"|(?P<legal>privacy policy|terms of (?:use|service)|cookies?|opt[- ]out|unsubscribe)"
    r"|(?P<commerce>commissions?|affiliates?|sponsor(?:s|ed)?|advertis\w+|discount|coupons?)"
    r"|(?P<support>donat\w+|independent journalism|local journalism|tax[- ]deductible|readers like you|nonprofit newsroom)"
    r"|(?P<answer>comments?|feedback|letters? to the editor|contact us|send us|tell us|your thoughts|e-?mail us)"
    r"|(?P<story>full (?:story|access|article|edition)|this (?:story|article|post|content|website|site)|latest (?:news|stories|updates)|breaking news))\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\b(?:you|your|you['’]re|our|us|we|please|here)\b", re.IGNORECASE)
_QUOTED = ("“", "”", '"', "‘", "'", "「", "『")


def is_notice(text: str, width: int, heading: bool = False) -> bool:
    """Whether a paragraph is addressed by the publisher to the reader; of a heading only the plainest are."""
    if width > LONGEST:
        return False
    if _EXACT.fullmatch(text):
        return True
    if heading:
        return _CHINESE.match(text) is not None and width <= 24 or _BEGINS.match(text) is not None
    if width <= 160 and _CREDIT.match(text):
        return True
    if text.startswith(_QUOTED):
        return False
    if _BEGINS.match(text) or _CHINESE.match(text):
        return True
    if width > _BRIEF:
        return False
    if _ANYWHERE.search(text) is not None:
        return True
    concepts = {match.lastgroup for match in _CONCEPTS.finditer(text)}
    return len(concepts) > 1 and (len(concepts) > 2 or bool(concepts - {"story", "network"})) and _ADDRESS.search(text) is not None


def is_author_note(text: str, width: int) -> bool:
    """Whether a paragraph at the end of an article tells who wrote it."""
    return width <= _LONGEST_BIO and _BIO.match(text) is not None
