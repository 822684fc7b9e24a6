import type { Category } from './vocabulary.ts';

const beauty: Category = {
  slug: 'beauty',
  name: '美妆个护',
  colours: ['#ffc4d6', '#d8588b'],
  kinds: [
    {
      styles: '玻尿酸 烟酰胺 神经酰胺 积雪草 角鲨烷',
      nouns: '保湿面膜 修护精华液 补水面霜 舒缓爽肤水 洁面乳',
      subtitles: '敏感肌可用 水润不黏腻，秋冬常备',
      yuan: [39, 159],
      specs: { 规格: '正装 两件装*1.85' },
    },
    {
      styles: '丝绒哑光 水光镜面 奶油雾面',
      nouns: '口红 唇釉 唇泥',
      subtitles: '黄皮显白，不拔干 日常通勤百搭',
      yuan: [39, 99],
      specs: { 色号: '豆沙红 枫叶红 奶茶棕 蜜桃粉 正红' },
    },
    {
      styles: '氨基酸 控油蓬松 香氛柔顺 生姜强韧',
      nouns: '洗发水 护发素 洗护套装',
      subtitles: '留香一整天 温和不刺激',
      yuan: [29, 79],
      specs: { 规格: '300ml 500ml*1.5', 香型: '白茶 栀子' },
    },
    {
      styles: '软毛 声波 便携',
      nouns: '电动牙刷 儿童电动牙刷 情侣牙刷套装',
      subtitles: '深入齿缝，不伤牙龈 一次充电用三十天',
      yuan: [49, 239],
      specs: { 颜色: '云白 雾蓝 樱粉' },
    },
  ],
};

const home: Category = {
  slug: 'home',
  name: '家居日用',
  colours: ['#b9d4e8', '#4d7ea8'],
  kinds: [
    {
      styles: '日式简约 北欧风 加厚 大容量',
      nouns: '收纳箱 衣物收纳袋 桌面置物架 抽屉分隔盒 脏衣篮',
      subtitles: '告别杂乱，一目了然 拿取方便，不占地',
      yuan: [19, 79],
      specs: { 规格: '小号 中号*1.4 大号*1.9', 颜色: '米白 浅灰' },
    },
    {
      styles: '新疆长绒棉 水洗棉 天丝 磨毛',
      nouns: '四件套 被套 床笠 床单',
      subtitles: '亲肤透气，不易起球 婴儿可用的面料',
      yuan: [59, 329],
      specs: { 尺寸: '1.5米床 1.8米床*1.12', 颜色: '雾霾蓝 奶咖 浅豆绿' },
    },
    {
      styles: '麦饭石 316不锈钢 陶瓷涂层',
      nouns: '炒锅 煎锅 奶锅 汤锅 煮面锅',
      subtitles: '受热均匀，好清洗 燃气电磁炉通用',
      yuan: [49, 199],
      specs: { 颜色: '曜石黑 奶油白*1.02 松石绿*1.02' },
    },
    {
      styles: '加厚吸水 天然竹浆 无香',
      nouns: '厨房纸巾 洗脸巾 抽纸 懒人抹布',
      subtitles: '干湿两用，不掉屑 整箱囤货更划算',
      yuan: [15, 45],
      specs: { 规格: '3包 10包*3 整箱24包*6.6' },
    },
  ],
};

const baby: Category = {
  slug: 'baby',
  name: '母婴用品',
  colours: ['#ffe3b8', '#e79a5b'],
  kinds: [
    {
      styles: '超薄透气 夜用干爽 弱酸亲肤',
      nouns: '纸尿裤 拉拉裤 隔尿垫 学步裤',
      subtitles: '瞬吸不回渗 柔软不勒腿',
      yuan: [39, 139],
      specs: { 尺码: 'S码 M码 L码*1.05 XL码*1.08' },
    },
    {
      styles: '无骨缝制 A类纯棉 竹纤维',
      nouns: '婴儿连体衣 儿童睡衣 宝宝分体套装 婴儿背心',
      subtitles: '柔软亲肤，不勒肚 四季可穿',
      yuan: [29, 99],
      specs: { 尺码: '66cm 80cm 90cm*1.05', 颜色: '鹅黄 天蓝' },
    },
    {
      styles: '食品级硅胶 防摔 便携',
      nouns: '辅食碗 宝宝餐盘 学饮杯 儿童勺叉',
      subtitles: '耐高温可蒸煮 自主进食好帮手',
      yuan: [19, 59],
      specs: { 颜色: '奶黄 浅粉 雾蓝' },
    },
    {
      styles: '榉木 早教益智 大颗粒',
      nouns: '积木 拼图 串珠玩具 叠叠乐 形状配对盒',
      subtitles: '圆角打磨，不伤手 锻炼专注力和手眼协调',
      yuan: [29, 129],
      specs: { 适龄: '1-3岁 3-6岁*1.15' },
    },
  ],
};

const apparel: Category = {
  slug: 'apparel',
  name: '服饰内搭',
  colours: ['#e6cfc5', '#a7654b'],
  kinds: [
    {
      styles: '重磅纯棉 冰丝 莫代尔 宽松版',
      nouns: '圆领T恤 打底衫 家居服 运动短裤',
      subtitles: '挺括不透，机洗不变形 亲肤裸感',
      yuan: [39, 129],
      specs: { 尺码: 'M L XL*1.05', 颜色: '白色 黑色' },
    },
    {
      styles: '加绒 羊毛混纺 轻薄',
      nouns: '连帽卫衣 针织开衫 半高领毛衣 保暖内衣套装',
      subtitles: '秋冬叠穿不臃肿 贴身锁温',
      yuan: [89, 329],
      specs: { 尺码: 'M L XL*1.05', 颜色: '燕麦色 深灰' },
    },
    {
      styles: '抗菌 中筒 精梳棉',
      nouns: '男士袜子 女士袜子 儿童袜子',
      subtitles: '吸汗透气，不勒脚 一盒穿一季',
      yuan: [19, 45],
      specs: { 规格: '5双 10双*1.85', 颜色: '黑白灰 莫兰迪' },
    },
  ],
};

export const living: readonly Category[] = [beauty, home, baby, apparel];
